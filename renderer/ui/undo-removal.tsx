// What was just removed, and the button that brings it back. In the bar, or at the top of the panel that is open.

import { Undo2 } from 'lucide-react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { useFocusIfLost } from './use-focus.ts';

export function UndoRemoval() {
  const { t } = useStrings();
  const { undoRemoval } = useActions();
  const removal = useApp((state) => state.removal);
  const button = useFocusIfLost<HTMLButtonElement>(removal);
  if (removal === undefined) return null;
  return (
    <div className="toast undo" role="status" data-testid="removed" data-is={removal.is}>
      <span>{t(`undo.${removal.is}`)}</span>
      <button ref={button} type="button" className="small-button" data-testid="undo" onClick={() => undoRemoval()}>
        <Undo2 aria-hidden size={16} /> {t('undo.undo')}
      </button>
    </div>
  );
}
