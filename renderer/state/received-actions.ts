// Saving what a guest page received: until then it lies in the browser, and goes with the page.

import { toFaultView } from '../../shared/model/fault.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

type ReceivedPorts = Pick<Ports, 'received'> & { readonly roomChanged: () => Promise<void> };

export function receivedActions({ get, set, toast }: StoreAccess, { received, roomChanged }: ReceivedPorts) {
  const note = (transfer: TransferId, at: 'saving' | 'saved' | undefined) =>
    set(({ saving }) => {
      const next = new Map(saving);
      if (at === undefined) next.delete(transfer);
      else next.set(transfer, at);
      return { saving: next };
    });

  /** `work` answers whether anything was saved. */
  async function save(transfer: TransferId, work: () => Promise<boolean>): Promise<void> {
    const before = get().saving.get(transfer);
    if (before === 'saving') return;
    note(transfer, 'saving');
    try {
      note(transfer, (await work()) ? 'saved' : before);
    } catch (error) {
      note(transfer, before);
      toast({ is: 'fault', fault: toFaultView(error) });
    }
  }

  return {
    canSaveToFolder: received?.canPickFolder === true,
    saveReceived: (transfer: TransferId) =>
      save(transfer, async () => {
        await received?.save(transfer);
        return true;
      }),
    saveEachReceived: (transfer: TransferId) =>
      save(transfer, async () => {
        await received?.saveEach(transfer);
        return true;
      }),
    saveReceivedToFolder: (transfer: TransferId) =>
      save(transfer, async () => (await received?.saveToFolder(transfer)) === true),
    discardReceived(transfer: TransferId): void {
      received?.discard(transfer).then(roomChanged, () => undefined);
    },
  };
}
