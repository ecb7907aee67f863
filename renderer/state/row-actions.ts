// What a person does with the row of one transfer, and with rows that are over.

import { toFaultView } from '../../shared/model/fault.ts';
import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import { isReceived, type Removal, type StoreAccess, withoutTransfer } from './app-state.ts';
import type { Ports } from './ports.ts';
import { isOver, wouldBeSent } from './timeline.ts';

type RowPorts = Pick<Ports, 'engine' | 'host' | 'dragOut'> & {
  /** What a guest page holds of it. */
  readonly discardReceived: (transfer: TransferId) => void;
  readonly remove: (removal: Removal) => void;
};

export function rowActions({ get, set, toast }: StoreAccess, ports: RowPorts) {
  const { engine, host, dragOut, discardReceived, remove } = ports;
  return {
    control: (what: 'pause' | 'resume' | 'retry', transfer: TransferId) => engine.command({ do: what, transfer }),
    /** Asks first where it can run programs. */
    async openReceived(transfer: TransferId, isConfirmed = false): Promise<void> {
      set(() => ({ panel: 'none', opening: undefined }));
      try {
        const { at } = await host.call('transfer.open', { transfer, isConfirmed });
        if (at === 'asks') set(() => ({ panel: 'open-file', opening: transfer }));
      } catch (error) {
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
    dragOut,
    async reveal(transfer: TransferId): Promise<void> {
      await host
        .call('transfer.reveal', { transfer })
        .catch((error: unknown) => toast({ is: 'fault', fault: toFaultView(error) }));
    },
    /** Rows of what is over leave the screen; the history keeps them. What would be sent nevertheless is not over. */
    clearFinished: () =>
      set(({ facts, order, saving, transfers }) => {
        // On a guest page a row is the only way to what was received and not saved.
        const isUnsaved = (view: TransferView) =>
          facts.shell === 'guest' && isReceived(view) && saving.get(view.id) !== 'saved';
        const over = [...transfers.values()].filter((view) => isOver(view) && !isUnsaved(view) && !wouldBeSent(view));
        for (const { id } of over) discardReceived(id);
        const gone = new Set(over.map(({ id }) => id));
        return {
          order: order.filter((id) => !gone.has(id)),
          transfers: new Map([...transfers].filter(([id]) => !gone.has(id))),
        };
      }),
    /** What is kept of something that arrives stays listed as unfinished; nothing that has no row is ever sent. */
    forget(transfer: TransferId): void {
      const { saving, transfers } = get();
      // On a guest page this is the only copy until then.
      if (saving.get(transfer) === 'saving') return;
      const view = transfers.get(transfer);
      if (view !== undefined && wouldBeSent(view)) {
        remove({ is: 'unfinished', id: transfer });
        return;
      }
      discardReceived(transfer);
      set((state) => withoutTransfer(state, transfer));
    },
  };
}
