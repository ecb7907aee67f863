// Where things to send are put down: buttons, a target, and the chips that wait. In the browser shell the buttons open
// the page's own inputs; where there are native dialogs the host is asked.

import { File, Folder, FolderUp, Inbox, SendHorizontal, Upload, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { isOpen, peerOf, unconfirmed } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';

export function DropZone() {
  const { t } = useStrings();
  const { pick, pickedFiles } = useActions();
  const dialogs = useApp((state) => state.facts.dialogs);
  const open = useApp((state) => isOpen(state.session));
  // While something is offered here, the answer to it is the one thing to do.
  const isAnswering = useApp((state) => state.offers.length > 0);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // React has no attribute for picking folders.
  useEffect(() => folder.current?.setAttribute('webkitdirectory', ''), []);

  function choose(kind: 'files' | 'folder') {
    if (dialogs) void pick(kind);
    else (kind === 'files' ? files : folder).current?.click();
  }

  return (
    <section className="drop-zone" aria-labelledby="drop-title">
      <Inbox className="drop-icon" aria-hidden size={26} />
      <div className="drop-words">
        <h2 id="drop-title">{open ? t('linked.dropTitle') : t('linked.dropLater')}</h2>
        <p className="muted small">{open ? t('linked.dropHelp') : t('linked.dropHelpLater')}</p>
      </div>
      <div className="row">
        <button
          type="button"
          className={open && !isAnswering ? 'primary' : ''}
          data-testid="pick-files"
          onClick={() => choose('files')}
        >
          <Upload aria-hidden size={18} /> {open ? t('linked.files') : t('linked.filesLater')}
        </button>
        <button type="button" data-testid="pick-folder" onClick={() => choose('folder')}>
          <FolderUp aria-hidden size={18} /> {open ? t('linked.folder') : t('linked.folderLater')}
        </button>
      </div>
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
      <OutboxChips />
      <ConfirmPeer />
    </section>
  );
}

/** Nothing that was put down before this link goes to this peer unasked. */
function ConfirmPeer() {
  const { t } = useStrings();
  const { sendOutbox } = useActions();
  const count = useApp((state) => unconfirmed(state).length);
  const name = useApp((state) => peerOf(state.session)?.name ?? '');
  if (count === 0) return null;
  return (
    <div className="trust-ask confirm-peer">
      <p className="grow strong">
        <Phrase
          of="outbox.confirm"
          values={{ count }}
          parts={{ name: <Name text={name || t('linked.unnamed')} max={64} /> }}
        />
      </p>
      <button type="button" className="primary" data-testid="send-staged" onClick={() => sendOutbox()}>
        <SendHorizontal aria-hidden size={18} /> {t('outbox.send')}
      </button>
    </div>
  );
}

function OutboxChips() {
  const { bytes, t } = useStrings();
  const { removeFromOutbox } = useActions();
  const staged = useApp((state) => state.staged);
  if (staged.length === 0) return null;
  return (
    <ul className="chips" aria-label={t('linked.ready')}>
      {staged.map((item) => (
        <li key={item.id} className="chip" data-testid="staged-file">
          {item.kind === 'folder' ? <Folder aria-hidden size={16} /> : <File aria-hidden size={16} />}
          <Name text={item.name} className="chip-name" />
          {item.sizeBytes !== undefined && <span className="muted small">{bytes(item.sizeBytes)}</span>}
          <button
            type="button"
            className="icon-button"
            aria-label={t('common.remove', { name: item.name })}
            onClick={() => removeFromOutbox(item)}
          >
            <X aria-hidden size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}
