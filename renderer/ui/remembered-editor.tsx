// Remembered computers in the settings: rename, block, forget.

import { Ban, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { RememberedPeerView } from '../state/app-state.ts';
import { AlwaysAccept } from './always-accept.tsx';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { unlessDouble } from './unless-double.ts';
import { visibleName } from './visible-name.ts';

export function RememberedEditor() {
  const { t } = useStrings();
  const known = useApp((state) => state.known);
  return (
    <fieldset className="servers" data-testid="setting-known">
      <legend>{t('remembered.title')}</legend>
      <p className="muted small">{t(known.length === 0 ? 'remembered.none' : 'remembered.manageHelp')}</p>
      <ul className="plain-list">
        {known.map((peer) => (
          <RememberedLine key={peer.id} peer={peer} />
        ))}
      </ul>
    </fieldset>
  );
}

function RememberedLine({ peer: { id, name, blocked } }: { readonly peer: RememberedPeerView }) {
  const { t } = useStrings();
  const { changeRemembered, forgetRemembered } = useActions();
  const [draft, setDraft] = useState(name);
  const shown = visibleName(name === '' ? t('linked.unnamed') : name, 64);
  const save = () => draft.trim() !== '' && draft.trim() !== name && void changeRemembered(id, { name: draft.trim() });
  return (
    <li className="line" data-testid="known-line" data-id={id} data-blocked={blocked}>
      <input
        className="grow"
        data-testid="known-rename"
        aria-label={t('remembered.rename', { name: shown })}
        maxLength={64}
        value={draft}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
      <button
        type="button"
        data-testid="known-block"
        aria-pressed={blocked}
        onClick={() => void changeRemembered(id, { blocked: !blocked })}
      >
        <Ban aria-hidden size={16} /> {t(blocked ? 'remembered.unblock' : 'remembered.block')}
      </button>
      <button
        type="button"
        data-testid="known-forget"
        aria-label={t('remembered.forgetName', { name: shown })}
        onClick={unlessDouble(() => void forgetRemembered(id))}
      >
        <Trash2 aria-hidden size={16} /> {t('remembered.forget')}
      </button>
      {!blocked && <AlwaysAccept id={id} />}
    </li>
  );
}
