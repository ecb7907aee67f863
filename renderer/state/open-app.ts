// Opens the store: subscribes to the link, the engine and the host, and hands out the actions that screens call.
// Components never see a port.

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AppFacts } from '../../shared/ipc/views.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { asksForNetworkCheck, type LinkView } from '../../shared/model/link-view.ts';
import { digitsReadMs, toastsMax } from '../../shared/wire/limits.ts';
import { type Actions, gatherActions } from './actions.ts';
import { type AppState, isOpen, isSamePeer, peerOf, type StoreAccess } from './app-state.ts';
import { watchReload } from './cut-by-reload.ts';
import { watchUnanswered, withCauses } from './link-ending.ts';
import { openNoteQueue, withNotes } from './notes.ts';
import { onEngine } from './on-engine.ts';
import { onHost } from './on-host.ts';
import type { Ports } from './ports.ts';
import { openProgress, type Progress } from './progress-store.ts';
import { emptyBatch } from './queue.ts';

export type Tincan = {
  readonly store: StoreApi<AppState>;
  readonly progress: Progress['store'];
  readonly actions: Actions;
  close(): void;
};

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
  const engineContext = { access, link: ports.link, actions, progress, notes, unanswered };
  const stops = [
    ports.link.onChange((session) => {
      // They were said over the link that there was.
      if (session.at !== access.get().session.at) notes.showWaiting();
      onLink(access, actions, session);
      digits.look();
    }),
    digits.close,
    notes.close,
    watchReload(access, ports.window),
    ports.link.onDelivery((news) => access.toast({ is: `near-${news}` })),
    ports.engine.on((event) => onEngine(event, engineContext)),
    ...onHost(access, actions, ports),
  ];
  digits.look();
  actions.addEarlier(facts.staged);
  if (facts.codeLink !== undefined) actions.typeCode(facts.codeLink);
  if (facts.pick !== undefined) void actions.pickAsked(facts.pick);
  void actions.loadUnfinished();
  void actions.loadRemembered();
  ports.takeCalls();
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
    reading: [],
    confirmed: noneConfirmed,
    seenPeer: peerOf(session),
    chosen: undefined,
    digitsReadable: false,
    transfers: new Map(),
    causes: new Map(),
    automatic: new Set(),
    atWork: new Set(),
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
  const unremembered = unrememberedIn(before, session);
  if (unremembered !== undefined) access.toast({ is: `remember-${unremembered}` });
  else if (isRememberedAfterAll(session)) access.set(withoutRefusals);
  if (session.at !== 'linked' && session.at !== 'reconnecting') actions.stay();
  if (isOpen(session) && !isOpen(before)) actions.offerOutbox();
  if (session.at === 'pairing' && before.at !== 'pairing') void actions.loadUnfinished();
  const isStuck = session.at === 'connecting' && asksForNetworkCheck(session.hint);
  if (isStuck && access.get().network.at === 'unchecked') void actions.checkNetwork();
}

/** What the person asked for, and did not get. Their own "Not now" they know of. */
function unrememberedIn(before: LinkView, session: LinkView): 'declined' | 'unkept' | undefined {
  const [was, is] = [before, session].map((each) => peerOf(each)?.remember);
  if (was === 'waiting' && is === 'declined') return is;
  return was !== 'unkept' && is === 'unkept' ? is : undefined;
}

/** They were asked again, or agreed meanwhile: what was said before is not true any more. */
function isRememberedAfterAll(session: LinkView): boolean {
  const remember = peerOf(session)?.remember;
  return remember === 'waiting' || remember === 'agreed';
}

function withoutRefusals({ toasts }: AppState): Partial<AppState> {
  const others = toasts.filter(({ say }) => say.is !== 'remember-declined' && say.is !== 'remember-unkept');
  return others.length === toasts.length ? {} : { toasts: others };
}

/** Whom the staged items are for: whoever was called for them, and nobody once their link is gone, whoever comes instead. */
function addressed(state: AppState, session: LinkView): Partial<AppState> {
  const { chosen, seenPeer } = state;
  if (session.at === 'pairing')
    return {
      confirmed: noneConfirmed,
      seenPeer: undefined,
      chosen: state.session.at === 'pairing' ? chosen : undefined,
    };
  const peer = peerOf(session);
  // The codes of a link that is made anew show nobody for a moment.
  if (peer === undefined) return {};
  const confirmed = isSamePeer(seenPeer, peer) ? state.confirmed : noneConfirmed;
  if (session.at !== 'linked' || chosen === undefined) return { confirmed, seenPeer: peer };
  const isThem = peer.knownId === chosen.known;
  return {
    chosen: undefined,
    confirmed: isThem ? new Set([...confirmed, ...chosen.items]) : confirmed,
    seenPeer: peer,
  };
}
const noneConfirmed: ReadonlySet<string> = new Set();

/** Lets the digits be answered once they have been in view for a moment. */
function watchDigits({ get, set }: StoreAccess, clock: Clock): { look(): void; close(): void } {
  let stop: (() => void) | undefined;
  let seen: string | undefined;
  const asked = () => {
    const trust = peerOf(get().session)?.trust;
    return trust?.at === 'asking' ? trust.digits : undefined;
  };
  return {
    look() {
      if (asked() === seen) return;
      seen = asked();
      stop?.();
      set(() => ({ digitsReadable: false }));
      stop = seen === undefined ? undefined : clock.after(digitsReadMs, () => set(() => ({ digitsReadable: true })));
    },
    close: () => stop?.(),
  };
}
