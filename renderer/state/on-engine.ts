// What the engine reports, as the store holds it. Promises: what was said over a link that was replaced changes nothing: it would be
// taken for the word of whoever is there now.

import type { EngineEvent } from '../../engine/commands.ts';
import type { TransferView } from '../../shared/model/transfer.ts';
import { transfersShownMax } from '../../shared/wire/limits.ts';
import type { Actions } from './actions.ts';
import { type AppState, type StoreAccess, withoutTransfer } from './app-state.ts';
import { type Unanswered, withCauses } from './link-ending.ts';
import type { NoteQueue } from './notes.ts';
import type { Ports } from './ports.ts';
import type { Progress } from './progress-store.ts';
import { nextBatch } from './queue.ts';
import { withThumbnail } from './thumbnails.ts';

export type EngineContext = {
  readonly access: StoreAccess;
  readonly link: Pick<Ports['link'], 'hasAdopted'>;
  readonly actions: Actions;
  readonly progress: Progress;
  readonly notes: NoteQueue;
  readonly unanswered: Unanswered;
};

export function onEngine(event: EngineEvent, context: EngineContext): void {
  const { access, link, actions, progress, notes, unanswered } = context;
  if ('connection' in event && !link.hasAdopted(event.connection)) return;
  switch (event.is) {
    case 'transfer':
      progress[isMoving(event.view) ? 'move' : 'rest'](event.view.id);
      unanswered.transferChanged(event.view);
      actions.cancelledElsewhere(event.view);
      access.set((state) => withTransfer(state, event.view));
      return;
    case 'discarded':
      // It may have begun to move again since its row was removed.
      progress.rest(event.transfer);
      access.set((state) => {
        const { transfers = state.transfers, ...gone } = withoutTransfer(state, event.transfer);
        return { ...gone, transfers, batch: nextBatch(state.batch, transfers) };
      });
      return;
    case 'transfers-left':
      access.set(({ left }) => ({ left: new Set([...left, ...event.transfers]) }));
      return;
    case 'progress':
      progress.sample(event.transfers, event.lanes);
      return;
    case 'peer-name':
      access.set(() => ({ isGuestPeer: event.isGuest === true }));
      return;
    case 'offer':
      void actions.offerCame(event.transfer, event.plan);
      return;
    case 'offer-gone':
      actions.offerGone(event.transfer);
      return;
    case 'skipped':
      access.set(({ skipped }) => ({ skipped: new Map(skipped).set(event.transfer, event.entries) }));
      return;
    case 'thumbnail':
      access.set(({ thumbnails }) => ({ thumbnails: withThumbnail(thumbnails, event) }));
      return;
    case 'text':
      notes.add(event);
      return;
    case 'direct-lane':
      access.set(() => ({ directLane: event.isUp }));
      return;
    case 'direct-blocked':
      access.set(() => ({ directBlocked: event.at }));
      return;
    case 'refused':
      access.toast({ is: 'fault', fault: event.fault });
      if (event.transfer !== undefined) actions.takeBack(event.transfer);
      if (event.text === undefined) return;
      notes.showWaiting();
      if (event.wasTold === true && event.note !== undefined) actions.textUnsent(event.note);
      else actions.takeBackText(event.text, event.note);
      return;
    default:
  }
}

function withTransfer(state: AppState, view: TransferView): Partial<AppState> {
  const transfers = new Map(state.transfers).set(view.id, view);
  const batch = nextBatch(state.batch, transfers);
  const left = new Set([...state.left].filter((id) => id !== view.id && transfers.has(id)));
  const causes = withCauses({ causes: state.causes, left, transfers }, state.session);
  if (state.transfers.has(view.id)) return { transfers, batch, causes, left };
  const order = [view.id, ...state.order];
  for (const gone of order.splice(transfersShownMax)) transfers.delete(gone);
  return { transfers, order, batch, causes, left };
}

function isMoving({ state }: TransferView): boolean {
  return state === 'sending' || state === 'receiving';
}
