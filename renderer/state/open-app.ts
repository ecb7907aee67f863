// Opens the store: subscribes to the link, the engine and the host, and hands out the actions that screens call.
// Components never see a port.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { EngineEvent } from '../../engine/commands.ts';
import type { AppFacts } from '../../shared/ipc/views.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { toFaultView } from '../../shared/model/fault.ts';
import { asksForNetworkCheck, type LinkView } from '../../shared/model/link-view.ts';
import type { TransferId, TransferView } from '../../shared/model/transfer.ts';
import { digitsReadMs, toastsMax, transfersShownMax } from '../../shared/wire/limits.ts';
import { type AppState, isOpen, isReceived, peerOf, type StoreAccess, withoutTransfer } from './app-state.ts';
import { cancelActions } from './cancelling.ts';
import { codeActions } from './code-actions.ts';
import { guestPageActions } from './guest-page-actions.ts';
import { disconnectActions, type Unanswered, watchUnanswered, withCauses } from './link-ending.ts';
import { networkActions } from './network-actions.ts';
import { type NoteQueue, openNoteQueue, withNotes } from './notes.ts';
import { offerActions } from './offer-actions.ts';
import { outboxActions } from './outbox-actions.ts';
import { phoneActions } from './phone-actions.ts';
import type { Ports } from './ports.ts';
import { openProgress, type Progress } from './progress-store.ts';
import { emptyBatch, nextBatch } from './queue.ts';
import { receivedActions } from './received-actions.ts';
import { rememberedActions } from './remembered-actions.ts';
import { removalActions } from './removals.ts';
import { serverActions } from './server-actions.ts';
import { settingsActions } from './settings-actions.ts';
import { withThumbnail } from './thumbnails.ts';
import { isOver } from './timeline.ts';

export type Tincan = {
  readonly store: StoreApi<AppState>;
  readonly progress: Progress['store'];
  readonly actions: Actions;
  close(): void;
};
export type Actions = ReturnType<typeof gatherActions>;

export function openApp(ports: Ports, facts: AppFacts): Tincan {
  const store = createStore<AppState>(() => firstState(facts, ports.link.view()));
  const progress = openProgress(ports.clock.now);
  let lastKey = 0;
  const access: StoreAccess = {
    get: store.getState,
    set: (change) => store.setState(change),
    toast: (say) => access.set(({ toasts }) => ({ toasts: [...toasts, { key: ++lastKey, say }].slice(-toastsMax) })),
  };
  const actions = gatherActions(access, ports);
  const notes = openNoteQueue(ports.clock, (added) => {
    access.set(({ texts }) => ({ texts: withNotes(texts, added) }));
    actions.keepNotes(added);
  });
  const digits = watchDigits(access, ports.clock);
  const unanswered = watchUnanswered(access, {
    host: ports.host,
    putBack: actions.putBack,
    putBackHostItems: actions.putBackHostItems,
  });
  const stops = [
    ports.link.onChange((session) => {
      onLink(access, actions, session);
      digits.look();
    }),
    digits.close,
    notes.close,
    ports.link.onDelivery((news) => access.toast({ is: `near-${news}` })),
    ports.engine.on((event) => onEngine(event, { access, actions, progress, notes, unanswered })),
    ...onHost(access, actions, ports),
  ];
  digits.look();
  actions.addHostItems(facts.staged);
  if (facts.codeLink !== undefined) actions.typeCode(facts.codeLink);
  void actions.loadUnfinished();
  void actions.loadRemembered();
  return {
    store,
    progress: progress.store,
    actions,
    close: () => {
      for (const stop of stops) stop();
    },
  };
}

function firstState({ settings, staged: _, router, ...facts }: AppFacts, session: LinkView): AppState {
  return {
    facts,
    host: 'here',
    settings,
    session,
    isGuestPeer: false,
    isLeaving: false,
    removal: undefined,
    cancelling: new Set(),
    directLane: false,
    directBlocked: undefined,
    entry: { at: 'idle', text: '' },
    scanning: false,
    staged: [],
    reading: 0,
    confirmed: noneConfirmed,
    chosen: undefined,
    digitsReadable: false,
    transfers: new Map(),
    causes: new Map(),
    automatic: new Set(),
    saving: new Map(),
    order: [],
    batch: emptyBatch,
    sent: new Map(),
    left: new Set(),
    offers: [],
    skipped: new Map(),
    thumbnails: new Map(),
    texts: [],
    draft: '',
    known: [],
    calling: { at: 'idle' },
    unfinished: [],
    history: [],
    toasts: [],
    panel: 'none',
    phone: { at: 'closed' },
    opening: undefined,
    serverTests: new Map(),
    serverNews: { at: 'quiet' },
    network: { at: 'unchecked' },
    router,
    diagnostics: [],
  };
}

function gatherActions(access: StoreAccess, ports: Ports) {
  const { set, toast } = access;
  const { engine, host, window } = ports;
  const network = networkActions(access, ports);
  const outbox = outboxActions(access, ports);
  const settings = settingsActions(access, { ...ports, ...network });
  const offers = offerActions(access, ports);
  const received = receivedActions(access, { ...ports, ...offers });
  return {
    ...codeActions(access, { ...ports, ...outbox }),
    ...outbox,
    ...disconnectActions(access, ports),
    ...removalActions(access, ports),
    ...cancelActions(access, ports),
    ...rememberedActions(access, ports),
    ...offers,
    ...guestPageActions(ports),
    ...phoneActions(access, ports),
    ...received,
    ...network,
    ...settings,
    ...serverActions(access, { ...ports, ...settings }),
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
    openLink(url: string): void {
      if (access.get().facts.shell === 'guest') {
        window.openLink(url);
        return;
      }
      host.call('shell.openLink', { url }).catch((error: unknown) => toast({ is: 'fault', fault: toFaultView(error) }));
    },
    dragOut: ports.dragOut,
    async reveal(transfer: TransferId): Promise<void> {
      await host
        .call('transfer.reveal', { transfer })
        .catch((error: unknown) => toast({ is: 'fault', fault: toFaultView(error) }));
    },
    /** Rows of what is over leave the screen; the history keeps them. */
    clearFinished: () =>
      set(({ facts, order, saving, transfers }) => {
        // On a guest page a row is the only way to what was received and not saved.
        const isUnsaved = (view: TransferView) =>
          facts.shell === 'guest' && isReceived(view) && saving.get(view.id) !== 'saved';
        const over = [...transfers.values()].filter((view) => isOver(view) && !isUnsaved(view));
        for (const { id } of over) received.discardReceived(id);
        const gone = new Set(over.map(({ id }) => id));
        return {
          order: order.filter((id) => !gone.has(id)),
          transfers: new Map([...transfers].filter(([id]) => !gone.has(id))),
        };
      }),
    forget(transfer: TransferId): void {
      received.discardReceived(transfer);
      set((state) => withoutTransfer(state, transfer));
    },
    draftText: (draft: string) => set(() => ({ draft })),
    sendText: () => {
      const { draft } = access.get();
      if (draft.trim() === '') return;
      engine.command({ do: 'send-text', text: draft });
      set(() => ({ draft: '' }));
    },
    async copy(text: string): Promise<void> {
      const copied = await window.copy(text).then(
        () => true,
        () =>
          host.call('shell.copy', { text }).then(
            () => true,
            () => false,
          ),
      );
      toast(copied ? { is: 'copied' } : { is: 'fault', fault: { code: 'internal', message: 'the clipboard refused' } });
    },
    dismiss: (key: number) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.key !== key) })),
  };
}

function onLink(access: StoreAccess, actions: Actions, session: LinkView): void {
  const before = access.get().session;
  const isPairing = session.at === 'pairing' || (session.at === 'reconnecting' && session.code !== undefined);
  access.set(({ entry, scanning, offers, panel, calling }) => ({
    session,
    ...(session.at === 'pairing' ? { isGuestPeer: false } : {}),
    calling: isPairing ? calling : { at: 'idle' },
    scanning: scanning && (isPairing || session.at === 'connecting'),
    entry: before.at === session.at ? entry : { at: 'idle', text: '' },
    offers: session.at === 'pairing' ? [] : offers,
    causes: withCauses(access.get(), session),
    panel: panel === 'full-code' && !isPairing ? 'none' : panel,
    ...addressed(access.get(), session),
  }));
  actions.phoneInviteChanged(before, session);
  if (session.at !== 'linked' && session.at !== 'reconnecting') actions.stay();
  if (isOpen(session) && !isOpen(before)) actions.offerOutbox();
  if (session.at === 'pairing' && before.at !== 'pairing') void actions.loadUnfinished();
  const isStuck = session.at === 'connecting' && asksForNetworkCheck(session.hint);
  if (isStuck && access.get().network.at === 'unchecked') void actions.checkNetwork();
}

/** Whom the staged items are for: whoever was called for them, and nobody once there is no link. */
function addressed({ chosen, confirmed }: AppState, session: LinkView): Partial<AppState> {
  if (session.at === 'pairing') return { confirmed: noneConfirmed };
  if (session.at !== 'linked' || chosen === undefined) return {};
  const isThem = session.peer.called === chosen.known;
  return { chosen: undefined, ...(isThem ? { confirmed: new Set([...confirmed, ...chosen.items]) } : {}) };
}
const noneConfirmed: ReadonlySet<string> = new Set();

/** Lets the digits be confirmed once they have been in view for a moment. */
function watchDigits({ get, set }: StoreAccess, clock: Clock): { look(): void; close(): void } {
  let stop: (() => void) | undefined;
  const isAsked = () => peerOf(get().session)?.trust.at === 'asking';
  return {
    look() {
      if (isAsked() === (stop !== undefined)) return;
      stop?.();
      stop = isAsked() ? clock.after(digitsReadMs, () => set(() => ({ digitsReadable: true }))) : undefined;
      if (stop === undefined) set(() => ({ digitsReadable: false }));
    },
    close: () => stop?.(),
  };
}

type EngineContext = {
  readonly access: StoreAccess;
  readonly actions: Actions;
  readonly progress: Progress;
  readonly notes: NoteQueue;
  readonly unanswered: Unanswered;
};

function onEngine(event: EngineEvent, { access, actions, progress, notes, unanswered }: EngineContext): void {
  switch (event.is) {
    case 'transfer':
      progress[isMoving(event.view) ? 'move' : 'rest'](event.view.id);
      unanswered.transferChanged(event.view);
      actions.cancelledElsewhere(event.view);
      access.set((state) => withTransfer(state, event.view));
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
      return;
    default:
  }
}

function withTransfer(state: AppState, view: TransferView): Partial<AppState> {
  const transfers = new Map(state.transfers).set(view.id, view);
  const batch = nextBatch(state.batch, transfers);
  const causes = withCauses({ causes: state.causes, transfers }, state.session);
  const left = new Set([...state.left].filter((id) => id !== view.id && transfers.has(id)));
  if (state.transfers.has(view.id)) return { transfers, batch, causes, left };
  const order = [view.id, ...state.order];
  for (const gone of order.splice(transfersShownMax)) transfers.delete(gone);
  return { transfers, order, batch, causes, left };
}

function isMoving({ state }: TransferView): boolean {
  return state === 'sending' || state === 'receiving';
}

/** Main starts the host of a desktop app again, and tells the page to load itself again then. */
function lostHost({ shell }: AppState['facts']): AppState['host'] {
  return shell === 'electron' ? 'restarting' : 'gone';
}

function onHost(access: StoreAccess, actions: Actions, { host, link, engine, onHostNews }: Ports): (() => void)[] {
  return [
    host.on('staged', (items) => actions.addHostItems(items)),
    host.on('settings-changed', (settings) => actions.applySettings(settings)),
    host.on('network-changed', ({ why }) => {
      actions.forgetNetwork();
      link.nudge(why);
      engine.command({ do: 'nudge' });
    }),
    host.on('router-changed', (router) => access.set(() => ({ router }))),
    host.on('router-moved', () => link.nudge('addresses')),
    host.on('code-link', ({ text }) => actions.typeCode(text)),
    host.on('phone-closed', ({ why }) => actions.phoneClosed(why)),
    host.on('remembered-changed', (known) => access.set(() => ({ known }))),
    host.on('unfinished-changed', () => void actions.loadUnfinished()),
    host.on('screen-locked', () => actions.setScanning(false)),
    host.on('replaced', () => access.set(() => ({ host: 'replaced' }))),
    host.onClose(() => {
      // Without its host this page can neither read nor write: the other side must not go on as if it could.
      link.close();
      access.set(({ host: now, facts }) => ({ host: now === 'here' ? lostHost(facts) : now }));
    }),
    onHostNews?.((news) => {
      if (news === 'given-up') access.set(() => ({ host: 'given-up' }));
    }) ?? (() => undefined),
  ];
}
