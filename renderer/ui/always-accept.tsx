// "Accept without asking", for one remembered computer and up to a size.

import { peerOf, type RememberedPeerView } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { visibleName } from './visible-name.ts';

const sizes = [100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000] as const;

export function AlwaysAccept({ id, withHelp = false }: { readonly id: string; readonly withHelp?: boolean }) {
  const { bytes, t } = useStrings();
  const { changeRemembered } = useActions();
  const peer = useApp((state) => state.known.find((each) => each.id === id));
  if (peer === undefined) return null;
  const name = visibleName(peer.name === '' ? t('linked.unnamed') : peer.name, 64);
  return (
    <div className="stack always-accept">
      <label className="field">
        <span className="small">{t('always.label')}</span>
        <select
          data-testid="always-accept"
          aria-label={`${t('always.label')}: ${name}`}
          value={peer.acceptMaxBytes ?? 0}
          onChange={(event) => void changeRemembered(id, { acceptMaxBytes: Number(event.target.value) || null })}
        >
          <option value={0}>{t('always.off')}</option>
          {sizes.map((size) => (
            <option key={size} value={size}>
              {t('always.upTo', { size: bytes(size) })}
            </option>
          ))}
        </select>
        {withHelp && <span className="muted small">{t('always.help', { name })}</span>}
      </label>
      <AcceptFolder peer={peer} />
    </div>
  );
}

/** Where it goes without asking: the download folder, or one of its own. */
function AcceptFolder({ peer }: { readonly peer: RememberedPeerView }) {
  const { t } = useStrings();
  const { changeRemembered, pickAcceptDir } = useActions();
  const folderDialog = useApp((state) => state.facts.folderDialog);
  const downloadDir = useApp((state) => state.settings.downloadDir);
  const { acceptDir, acceptMaxBytes, id } = peer;
  if (acceptMaxBytes === undefined || !(folderDialog || acceptDir !== undefined)) return null;
  return (
    <div className="inline-field small" data-testid="accept-folder">
      <span className="muted">{t('offer.where')}</span>
      <span className="destination" title={acceptDir ?? downloadDir}>
        <bdi>{acceptDir ?? downloadDir}</bdi>
      </span>
      {folderDialog && (
        <button
          type="button"
          className="quiet small-button"
          data-testid="accept-folder-change"
          onClick={() => void pickAcceptDir(id)}
        >
          {t('offer.change')}
        </button>
      )}
      {acceptDir !== undefined && (
        <button
          type="button"
          className="quiet small-button"
          data-testid="accept-folder-reset"
          onClick={() => void changeRemembered(id, { acceptDir: null })}
        >
          {t('always.downloads')}
        </button>
      )}
    </div>
  );
}

/** For the computer at the other end, where it is remembered. */
export function AlwaysAcceptPeer() {
  const id = useApp((state) => peerOf(state.session)?.knownId);
  return id === undefined ? null : <AlwaysAccept id={id} withHelp />;
}
