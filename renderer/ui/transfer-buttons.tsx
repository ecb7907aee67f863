// What can be done with a transfer, by the state it is in.

import { FileSymlink, FolderOutput, FolderSearch, Pause, Play, RotateCw, Send, Undo2, X } from 'lucide-react';
import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import { isLeftBehind, isOpen, isReceived } from '../state/app-state.ts';
import { Act } from './act.tsx';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { SaveButtons } from './save-buttons.tsx';
import { isNeedless, mendedByFolder } from './transfer-status-text.ts';
import { useFocusIfLost } from './use-focus.ts';

/** Something of it lies in the folder where it goes. */
export function hasArrived(view: TransferView): boolean {
  return isReceived(view) && !isNeedless(view);
}

export function TransferButtons({ view }: { readonly view: TransferView }) {
  const { t } = useStrings();
  const { control, forget, moveUnfinished, openReceived, reveal, sendAgain } = useActions();
  const { direction, fault, id, pause, resumable, state } = view;
  const canSendAgain = useApp((app) => isOpen(app.session) && app.sent.has(id));
  const isThere = hasArrived(view);
  const isSaving = useApp(({ saving }) => saving.get(id) === 'saving');
  const isGuest = useApp(({ facts }) => facts.shell === 'guest');
  const isOneFile = view.totals.files === 1 && view.totals.folders === 0;
  const canPause = state === 'sending' || state === 'receiving' || state === 'waiting';
  // Nobody here can make room on their disk.
  const isTheirs = pause === 'peer' || pause === 'cancelling' || (pause === 'disk' && direction === 'send');
  const canResume = state === 'paused' && pause !== 'link' && !isTheirs;
  const isOver = state === 'done' || state === 'declined' || state === 'cancelled' || state === 'failed';
  // Over with its link it goes on by itself when both sides still have it; nobody can make it by a click.
  const isLeft = useApp((app) => isLeftBehind(app, id));
  const canRetry = state === 'failed' && resumable && fault?.code !== 'peer-left' && !isLeft;
  const canAsk = useApp(({ facts }) => facts.folderDialog);
  const isAway = state === 'paused' && fault?.code === 'disk-gone';
  const canMove = (canRetry || isAway) && canAsk && direction === 'receive' && mendedByFolder.has(fault?.code);
  // The receive prompt above asks; a second way to say no would only puzzle.
  const isAsked = state === 'offered' && direction === 'receive';
  const isCancelling = useApp(({ cancelling }) => cancelling.has(id));
  if (isCancelling) return <TakeBack id={id} />;
  return (
    <div className="row buttons">
      {canPause && (
        <Act
          handle="pause"
          icon={<Pause aria-hidden size={16} />}
          label={t('transfer.pause')}
          bare
          onClick={() => control('pause', id)}
        />
      )}
      {canResume && (
        <Act
          handle="resume"
          icon={<Play aria-hidden size={16} />}
          label={t('transfer.resume')}
          bare
          onClick={() => control('resume', id)}
        />
      )}
      {canRetry && (
        <Act
          handle="retry"
          icon={<RotateCw aria-hidden size={16} />}
          label={t('transfer.retry')}
          onClick={() => control('retry', id)}
        />
      )}
      {canMove && (
        <Act
          handle="choose-another-folder"
          icon={<FolderOutput aria-hidden size={16} />}
          label={t('transfer.move')}
          onClick={() => void moveUnfinished(id)}
        />
      )}
      {isOver && canSendAgain && !canRetry && (
        <Act
          handle="send-again"
          icon={<Send aria-hidden size={16} />}
          label={t('transfer.again')}
          onClick={() => void sendAgain(id)}
        />
      )}
      {isThere && isGuest && <SaveButtons id={id} files={isOneFile ? 1 : Math.max(2, view.wantedFiles)} />}
      {isThere && !isGuest && isOneFile && (
        <Act
          handle="open-file"
          icon={<FileSymlink aria-hidden size={16} />}
          label={t('transfer.open')}
          onClick={() => void openReceived(id)}
        />
      )}
      {isThere && !isGuest && (
        <Act
          handle="show-in-folder"
          icon={<FolderSearch aria-hidden size={16} />}
          label={t('transfer.reveal')}
          onClick={() => void reveal(id)}
        />
      )}
      {isOver && !isSaving && (
        <Act
          handle="forget"
          icon={<X aria-hidden size={16} />}
          label={t('transfer.forget')}
          bare
          onClick={() => forget(id)}
        />
      )}
      {!isOver && !isAsked && <Cancel id={id} />}
    </div>
  );
}

/** Cancel was clicked: some seconds to take that back, or not to wait for them. */
function TakeBack({ id }: { readonly id: TransferId }) {
  const { t } = useStrings();
  const { keepGoing } = useActions();
  const button = useFocusIfLost<HTMLButtonElement>(id);
  return (
    <div className="row buttons">
      <button
        ref={button}
        type="button"
        className="small-button"
        data-testid="keep-going"
        onClick={() => keepGoing(id)}
      >
        <Undo2 aria-hidden size={16} /> <span>{t('transfer.keepGoing')}</span>
      </button>
      <Cancel id={id} />
    </div>
  );
}

function Cancel({ id }: { readonly id: TransferId }) {
  const { t } = useStrings();
  const { cancel } = useActions();
  return (
    <Act
      handle="cancel"
      icon={<X aria-hidden size={16} />}
      label={t('transfer.cancel')}
      bare
      onClick={() => cancel(id)}
    />
  );
}
