// How a link ends for the person: a click on Disconnect can be taken back for some seconds, what nobody had answered is put
// back to be offered again, and what was under way says who ended it.

import type { HostItem } from '../../shared/ipc/views.ts';
import type { LinkView } from '../../shared/model/link-view.ts';
import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import { disconnectUndoMs } from '../../shared/wire/limits.ts';
import { type AppState, type StoreAccess, withoutTransfer } from './app-state.ts';
import { leftOut, type OutboxItem } from './outbox-item.ts';
import type { Ports } from './ports.ts';

type Needs = Pick<Ports, 'clock' | 'link'>;

export function disconnectActions({ get, set }: StoreAccess, { clock, link }: Needs) {
  let stop: (() => void) | undefined;

  function stay(): void {
    stop?.();
    stop = undefined;
    if (get().isLeaving) set(() => ({ isLeaving: false }));
  }

  function leaveNow(): void {
    stay();
    link.disconnect();
  }

  return {
    /** Nothing is cut yet, so that nothing has to be made anew when it is taken back. */
    disconnect(): void {
      const { at } = get().session;
      if (at !== 'linked' && at !== 'reconnecting') leaveNow();
      else if (stop === undefined) {
        set(() => ({ isLeaving: true }));
        stop = clock.after(disconnectUndoMs, leaveNow);
      }
    },
    leaveNow,
    stay,
  };
}

export interface Unanswered {
  /** To be told of every change of a transfer, before it is in the state. */
  transferChanged(view: TransferView): void;
}

type Restage = Pick<Ports, 'host'> & {
  /** Puts things down for whoever is linked next. */
  readonly putBack: (items: readonly OutboxItem[]) => void;
  readonly putBackHostItems: (items: readonly HostItem[]) => void;
};

/** An offer that nobody had answered when its link ended is no transfer that failed. */
export function watchUnanswered(
  { get, set, toast }: StoreAccess,
  { host, putBack, putBackHostItems }: Restage,
): Unanswered {
  const unanswered = new Set<TransferId>();

  async function stageAgain(transfer: TransferId, offered: readonly OutboxItem[]): Promise<void> {
    const items = await host.call('stage.again', { transfer });
    const names = leftOut(offered, items);
    if (names.length > 0) toast({ is: 'left-out', names });
    if (items.length === 0) return;
    putBackHostItems(items);
    // What waits to be offered again is not unfinished as well.
    await host.call('unfinished.discard', { transfer });
  }

  return {
    transferChanged(view) {
      const { id, state } = view;
      if (state === 'offered') unanswered.add(id);
      else if (state === 'paused' && unanswered.has(id)) return;
      else if (unanswered.delete(id) && isCut(view)) {
        const items = get().sent.get(id) ?? [];
        putBack(items.filter(({ from }) => from === 'page'));
        const ofHost = items.filter(({ from }) => from === 'host');
        if (ofHost.length > 0) void stageAgain(id, ofHost).catch(() => undefined);
        // After the event that is being handled has put its row there.
        queueMicrotask(() => set((now) => withoutTransfer(now, id)));
      }
    },
  };
}

/**
 * Who ended the link, kept with what it cut: by the next link nobody would know any more. Not of what goes on: the next end may have
 * another cause. Nor of what an earlier link left: this end did not cut it.
 */
export function withCauses(
  { causes, left, transfers }: Pick<AppState, 'causes' | 'left' | 'transfers'>,
  session: LinkView,
): AppState['causes'] {
  const views = [...transfers.values()];
  const next = new Map(causes);
  for (const view of views) if (!isCut(view)) next.delete(view.id);
  if (session.at === 'pairing' && typeof session.ended === 'string') {
    for (const view of views) {
      if (isCut(view) && !left.has(view.id) && !next.has(view.id)) next.set(view.id, session.ended);
    }
  }
  const isSame = next.size === causes.size && [...next.keys()].every((id) => causes.has(id));
  return isSame ? causes : next;
}

function isCut({ fault, state }: TransferView): boolean {
  return state === 'failed' && fault?.code === 'peer-left';
}
