// Remembered computers in the settings: rename, block, forget.

import { Ban, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { KnownPeerView } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { visibleName } from './visible-name.ts';

export function RememberedEditor() {
  const { t } = useStrings();
  const known = useApp((state) => state.known);
  return (
    <fieldset className="servers" data-testid="setting-known">
      <legend>{t('known.title')}</legend>
      <p className="muted small">{t(known.length === 0 ? 'known.none' : 'known.manageHelp')}</p>
      <ul className="plain-list">
        {known.map((peer) => (
          <KnownLine key={peer.id} peer={peer} />
        ))}
      </ul>
    </fieldset>
  );
}

function KnownLine({ peer: { id, name, blocked } }: { readonly peer: KnownPeerView }) {
  const { t } = useStrings();
  const { changeKnown, forgetKnown } = useActions();
  const [draft, setDraft] = useState(name);
  const shown = visibleName(name === '' ? t('linked.unnamed') : name, 64);
  const save = () => draft.trim() !== '' && draft.trim() !== name && void changeKnown(id, { name: draft.trim() });
  return (
    <li className="line" data-testid="known-line" data-id={id} data-blocked={blocked}>
      <input
        className="grow"
        data-testid="known-rename"
        aria-label={t('known.rename', { name: shown })}
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
        onClick={() => void changeKnown(id, { blocked: !blocked })}
      >
        <Ban aria-hidden size={16} /> {t(blocked ? 'known.unblock' : 'known.block')}
      </button>
      <button
        type="button"
        data-testid="known-forget"
        aria-label={t('known.forgetName', { name: shown })}
        onClick={() => void forgetKnown(id)}
      >
        <Trash2 aria-hidden size={16} /> {t('known.forget')}
      </button>
    </li>
  );
}
