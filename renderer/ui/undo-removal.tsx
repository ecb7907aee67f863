// What was just removed, and the button that brings it back: where it stood, in the bar, or at the top of the panel that is open.

import { Undo2 } from 'lucide-react';
import { type AppState, isReply } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name } from './phrase.tsx';
import { unlessDouble } from './unless-double.ts';
import { useFocusIfLost } from './use-focus.ts';

/** `name`: of what is gone, where more than one could be meant. */
export function UndoRemoval({ name }: { readonly name?: string }) {
  const { t } = useStrings();
  const { undoRemoval } = useActions();
  const removal = useApp((state) => state.removal);
  const button = useFocusIfLost<HTMLButtonElement>(removal);
  if (removal === undefined) return null;
  return (
    <div className="toast undo" role="status" data-testid="removed" data-is={removal.is}>
      <span>
        {name !== undefined && <Name text={name} className="strong" />} {t(`undo.${removal.is}`)}
      </span>
      <button
        ref={button}
        type="button"
        className="small-button"
        data-testid="undo"
        onClick={unlessDouble(undoRemoval)}
      >
        <Undo2 aria-hidden size={16} /> {t('undo.undo')}
      </button>
    </div>
  );
}

/** Its list is on the screen, perhaps far below the bar, and takes it back. While the camera looks, the list may be hidden. */
export function isUndoneInList({ removal, scanning, session, unfinished }: AppState): boolean {
  const isListed = removal?.is === 'unfinished' && unfinished.some(({ id }) => id === removal.id);
  return isListed && session.at === 'pairing' && !isReply(session) && !scanning;
}
