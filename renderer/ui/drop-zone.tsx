// What is to be sent: a place to drop it, buttons to choose it, and the chips that wait.

import { File, Folder, FolderUp, SendHorizontal, Upload, X } from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { peerOf, unconfirmed } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { canDrag } from './can-drag.ts';
import { Cans } from './cans.tsx';
import { Name, Phrase } from './phrase.tsx';
import { unlessDouble } from './unless-double.ts';
import { useFocusIfLost } from './use-focus.ts';
import { useOnceSeen } from './use-once-seen.ts';

export function DropZone() {
  const { t } = useStrings();
  return (
    <section className="drop-zone" aria-labelledby="drop-title">
      <Cans shape="slack" />
      <div className="drop-words grow">
        <h1 id="drop-title">{t('pairing.title')}</h1>
        <p className="muted">{t(canDrag() ? 'linked.dropLater' : 'linked.pickLater')}</p>
      </div>
      <PickButtons>
        {(files, folder) => (
          <div className="row">
            <button type="button" data-testid="pick-files" onClick={files}>
              <Upload aria-hidden size={18} /> {t('linked.files')}
            </button>
            <button type="button" data-testid="pick-folder" onClick={folder}>
              <FolderUp aria-hidden size={18} /> {t('linked.folder')}
            </button>
          </div>
        )}
      </PickButtons>
      <Reading />
      <OutboxChips />
    </section>
  );
}

/** Where there are native dialogs the host is asked; elsewhere the page's own inputs open. */
export function PickButtons({ children }: { readonly children: (files: () => void, folder: () => void) => ReactNode }) {
  const { t } = useStrings();
  const { pick, pickedFiles } = useActions();
  const dialogs = useApp((state) => state.facts.dialogs);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // React has no attribute for picking folders.
  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), []);
  return (
    <>
      {children(
        () => (dialogs ? void pick('files') : files.current?.click()),
        () => (dialogs ? void pick('folder') : folder.current?.click()),
      )}
      {!dialogs &&
        (['file-input', 'folder-input'] as const).map((handle) => (
          <input
            key={handle}
            ref={handle === 'file-input' ? files : folder}
            className="unseen"
            data-testid={handle}
            type="file"
            multiple
            tabIndex={-1}
            aria-label={handle === 'file-input' ? t('linked.files') : t('linked.folder')}
            onChange={(event) => {
              pickedFiles(event.target.files ?? []);
              event.target.value = '';
            }}
          />
        ))}
    </>
  );
}

/** Walking through a large folder takes a while. */
export function Reading() {
  const { t } = useStrings();
  const isReading = useApp((state) => state.reading.length > 0);
  if (!isReading) return null;
  return (
    <p className="muted small" role="status" data-testid="reading">
      {t('outbox.reading')}
    </p>
  );
}

export function OutboxChips() {
  const { bytes, t } = useStrings();
  const { removeFromOutbox } = useActions();
  const staged = useApp((state) => state.staged);
  if (staged.length === 0) return null;
  const chips = (
    <ul className="chips" aria-label={t('linked.ready')}>
      {staged.slice(0, chipsMax).map((item) => (
        <li key={item.id} className="chip" data-testid="staged-file">
          {item.kind === 'folder' ? <Folder aria-hidden size={16} /> : <File aria-hidden size={16} />}
          <Name text={item.name} className="chip-name" />
          {item.sizeBytes !== undefined && <span className="muted">{bytes(item.sizeBytes)}</span>}
          <button
            type="button"
            className="icon-button"
            aria-label={t('common.remove', { name: item.name })}
            onClick={unlessDouble(() => removeFromOutbox(item))}
          >
            <X aria-hidden size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
  if (staged.length < countedFrom) return chips;
  return (
    <>
      {chips}
      <p className="chips-count muted small">{t('outbox.waits', { count: staged.length })}</p>
    </>
  );
}

/** More are only counted: nobody reads so many, and a window stops while it draws thousands. */
const chipsMax = 200;

/** So many are not in view at once everywhere. */
const countedFrom = 4;

/** What stands in one line where there is no room for the chips. */
const namedMax = 5;

/** Nothing that was put down before this link goes to this peer unasked. */
export function ConfirmPeer() {
  const count = useApp((state) => unconfirmed(state).length);
  return count === 0 ? null : <SendQuestion count={count} />;
}

function SendQuestion({ count }: { readonly count: number }) {
  const { t } = useStrings();
  const { sendOutbox } = useActions();
  const name = useApp((state) => peerOf(state.session)?.name ?? '');
  const staged = useApp((state) => state.staged);
  // An offer asks first.
  const isOffered = useApp((state) => state.offers.length > 0);
  const yes = useFocusIfLost<HTMLButtonElement>(undefined);
  const isSeen = useOnceSeen(useApp((state) => peerOf(state.session)?.trust.digits ?? ''));
  return (
    <div className="ask">
      <div className="grow">
        <p className="strong">
          <Phrase
            of="outbox.confirm"
            values={{ count }}
            parts={{ name: <Name text={name || t('linked.unnamed')} max={64} /> }}
          />
        </p>
        <p className="ask-names muted small">
          {staged.slice(0, namedMax).map((item, at) => (
            <Fragment key={item.id}>
              {at > 0 && ', '}
              <Name text={item.name} max={40} />
            </Fragment>
          ))}
        </p>
      </div>
      <button
        ref={yes}
        type="button"
        className={isOffered ? '' : 'primary'}
        data-testid="send-staged"
        aria-disabled={!isSeen}
        onClick={unlessDouble(() => {
          if (isSeen) sendOutbox();
        })}
      >
        <SendHorizontal aria-hidden size={18} /> {t('outbox.send')}
      </button>
    </div>
  );
}
