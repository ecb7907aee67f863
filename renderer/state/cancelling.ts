// Cancel while bytes move: they stand still at once, and for some seconds it can be taken back. What does not move is cancelled
// at once: nothing is lost by it that was not lost before.

import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import { cancelUndoMs } from '../../shared/wire/limits.ts';
import type { StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';
import { canGoOn, isOver } from './timeline.ts';

export function cancelActions({ get, set }: StoreAccess, { clock, engine }: Pick<Ports, 'clock' | 'engine'>) {
  const stops = new Map<TransferId, () => void>();

  function settle(transfer: TransferId): void {
    stops.get(transfer)?.();
    if (!stops.delete(transfer)) return;
    set(({ cancelling }) => ({ cancelling: new Set([...cancelling].filter((id) => id !== transfer)) }));
  }

  function cancelNow(transfer: TransferId): void {
    settle(transfer);
    engine.command({ do: 'cancel', transfer });
  }

  return {
    /** The second click does not wait. */
    cancel(transfer: TransferId): void {
      const state = get().transfers.get(transfer)?.state;
      const isMoving = state === 'sending' || state === 'receiving';
      if (!isMoving || stops.has(transfer)) {
        cancelNow(transfer);
        return;
      }
      engine.command({ do: 'pause', transfer, why: 'cancel' });
      stops.set(
        transfer,
        clock.after(cancelUndoMs, () => cancelNow(transfer)),
      );
      set(({ cancelling }) => ({ cancelling: new Set([...cancelling, transfer]) }));
    },
    keepGoing(transfer: TransferId): void {
      settle(transfer);
      engine.command({ do: 'resume', transfer });
    },
    /** What ended meanwhile has nothing left to cancel. What failed, as with the end of its link, would go on one day. */
    cancelledElsewhere(view: TransferView): void {
      if (!isOver(view)) return;
      if (canGoOn(view) && stops.has(view.id)) cancelNow(view.id);
      else settle(view.id);
    },
  };
}
