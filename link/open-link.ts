// The link of a page, whole: codes until one of them works, then that link until it ends, then codes again. This file only
// joins pairing and the linked life and draws the view; how each is done is in run-pairing.ts and run-linked.ts.

import type { Clock } from '../shared/model/clock.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { CodeVia, DeliveryNews, LinkView } from '../shared/model/link-view.ts';
import { addressSettleMs, byeKeepMs, callBackReachMs, heartbeatEveryMs } from '../shared/wire/limits.ts';
import { startCallBack } from './call-back.ts';
import { openConnections } from './connections.ts';
import { openLastPeer } from './last-peer.ts';
import type { Link, LinkOptions } from './link.ts';
import type { IncomingCall, LanService, LinkEngine, ReplyCarrier, RouterPort } from './ports.ts';
import { reportLines } from './report.ts';
import type { RtcFactory, RtcIceServer } from './rtc.ts';
import { openHints } from './run-connecting-hint.ts';
import { type Linked, startLinked } from './run-linked.ts';
import {
  type Paired,
  type Pairing,
  type PairingMemory,
  type RememberedSender,
  startPairingRun,
} from './run-pairing.ts';

export type LinkPorts = {
  readonly rtc: RtcFactory;
  readonly clock: Clock;
  readonly engine: LinkEngine;
  /** Where there is a host that can listen. */
  readonly lan?: LanService;
  /** Where there is none, and a reply gets to the other side all the same. */
  readonly carrier?: ReplyCarrier;
  /** The remembered computer that an earlier page was linked with, where nobody ended that link. */
  readonly lastPeer?: string;
  readonly router?: RouterPort;
};

type Ended = 'by-peer' | 'by-us' | FaultView;

export function openLink(initial: LinkOptions, ports: LinkPorts): Link {
  const { clock, engine, lan } = ports;
  const carrier = lan ?? ports.carrier;
  const listeners = new Set<(view: LinkView) => void>();
  const newsListeners = new Set<(news: DeliveryNews) => void>();
  const connections = openConnections(ports, () => ({
    iceServers: iceServers(options),
    relayOnly: options.relayOnly === true,
    askRouter: options.askRouter === true,
  }));
  const hints = openHints(clock, () => {
    const serversOn = options.servers.length > 0;
    return { serversOn, routerOnly: !serversOn && options.askRouter === true };
  });
  let options = initial;
  let pairing: Pairing | undefined;
  let memory: PairingMemory | undefined;
  let linked: Linked | undefined;
  let ended: Ended | undefined;
  let shown: LinkView = { at: 'pairing', code: { at: 'making' } };
  let shownText = '';
  let announcedInvites = '';
  /** Codes made to call somebody back are shown only once a person asks for one. */
  let isCodeAsked = false;
  /** The attempt under way came of a call that nobody clicked for. */
  let isCalledBack = false;
  let isPersonCalling = false;
  /** The call under way, if any: what comes over the network in the meantime waits for its end. */
  let calling: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  let stopAddressTimer = (): void => undefined;
  let stopTick = clock.after(heartbeatEveryMs, tick);
  const callBack = startCallBack({ clock, lost, call: callAgain });
  const lastPeer = openLastPeer({ clock, id: ports.lastPeer, notify: (id) => lan?.linkedWith(id), changed });

  function lost(): string | undefined {
    if (isClosed) return undefined;
    if (linked !== undefined) return linked.view().at === 'reconnecting' ? linked.knownId() : undefined;
    return isPersonCalling ? undefined : lastPeer.id();
  }

  /** Hints appear with time alone. */
  function tick(): void {
    stopTick = clock.after(heartbeatEveryMs, tick);
    if (shown.at === 'connecting' || (shown.at === 'reconnecting' && shown.rejoining)) changed();
  }

  function startPairing(): void {
    pairing = startPairingRun(
      {
        connections,
        clock,
        deviceName: () => options.deviceName,
        changed,
        async deliver(invite, reply) {
          const isDelivered = (await carrier?.deliver(invite, reply)) ?? false;
          if (isDelivered) notify('delivered');
          return isDelivered;
        },
        answerCall: async (callId, reply) => (await lan?.answer(callId, reply)) ?? false,
        won: linkUp,
        failed(fault) {
          ended = fault;
          changed();
        },
      },
      memory,
    );
    changed();
  }

  function stopPairing(): void {
    if (pairing === undefined) return;
    memory = pairing.memory();
    pairing.close();
    pairing = undefined;
  }

  function linkUp(paired: Paired): void {
    stopPairing();
    if (linked) {
      engine.command({ do: 'end', say: 'nothing' });
      linked.close();
    }
    ended = undefined;
    isCodeAsked = false;
    isCalledBack = false;
    lastPeer.linkedWith(paired.remembered?.id);
    hints.linked(paired.connection);
    linked = startLinked(paired, {
      engine,
      connections,
      clock,
      lan,
      router: ports.router,
      changed,
      ended: (why) => endLink(why, 'nothing'),
    });
    changed();
  }

  function endLink(why: Ended, say: 'bye' | 'nothing'): void {
    const old = linked;
    if (old === undefined) return;
    linked = undefined;
    isCodeAsked = false;
    lastPeer.linkedWith(undefined);
    ended = why;
    engine.command({ do: 'end', say });
    old.close(byeKeepMs);
    stopPairing();
    startPairing();
  }

  function changed(): void {
    if (isClosed) return;
    if (linked?.view().at === 'linked' && pairing && !pairing.isUnderWay()) stopPairing();
    const knownId = linked?.knownId();
    if (knownId !== undefined) lastPeer.linkedWith(knownId);
    announceInvites();
    callBack.check();
    shown = view();
    const text = JSON.stringify(shown);
    if (text === shownText) return;
    shownText = text;
    for (const listener of listeners) listener(shown);
  }

  function announceInvites(): void {
    const invites = pairing?.invites() ?? [];
    const text = invites.join();
    if (text === announcedInvites) return;
    announcedInvites = text;
    lan?.invites(invites);
  }

  function notify(news: DeliveryNews): void {
    for (const listener of newsListeners) listener(news);
  }

  async function takeCode(text: string, via: CodeVia, remembered?: RememberedSender): Promise<FaultView | undefined> {
    if (linked && linked.view().at !== 'reconnecting') {
      return { code: 'link-exists', message: 'there is a link already; end it first' };
    }
    if (pairing === undefined) startPairing();
    isCalledBack = false;
    const fault = await pairing?.takeCode(text, via, remembered);
    if (fault === undefined) ended = undefined;
    changed();
    return fault;
  }

  /** Only the invite's own reply gets here; one that comes too late is of no interest to anybody. Whoever called somebody
   * they know gets that one, and not a stranger who saw the code on the screen and was quicker. */
  async function takeDelivered(reply: string): Promise<void> {
    await calling;
    if ((await takeCode(reply, 'near')) === undefined) notify('arrived');
  }

  /** While there is a link, or one is on its way, nobody else is let in; they can try again. */
  function takeCall({ callId, id, name, invite }: IncomingCall): void {
    if (linked === undefined && pairing?.isUnderWay() === false)
      void takeCode(invite, 'known', { name, meeting: { callId, id } });
  }

  async function callAgain(id: string): Promise<void> {
    if (pairing === undefined) startPairing();
    else if (!pairing.isUnderWay()) isCalledBack = await findRemembered(id);
    else if (isOursToRepeat() && clock.wallClockMs() - pairing.view().sinceMs > callBackReachMs) pairing.newCode();
  }

  /** No code that a person gave or took is thrown away. */
  function isOursToRepeat(): boolean {
    return linked === undefined ? isCalledBack : !isCodeAsked;
  }

  async function findRemembered(id: string): Promise<boolean> {
    const invite = pairing?.invites().at(-1);
    const found = invite === undefined ? undefined : await lan?.call(id, invite);
    if (found === undefined) return false;
    return (await takeCode(found.reply, 'known', { name: found.name, meeting: { id } })) === undefined;
  }

  function view(): LinkView {
    const pair = pairing?.view();
    const code = pair?.code ?? ({ at: 'making' } as const);
    const link = linked?.view();
    if (link?.at === 'linked') return link;
    if (link?.at === 'reconnecting') {
      const down = linked?.knownId() === undefined ? link : ({ ...link, callsBack: true } as const);
      if (pair === undefined || !isCodeAsked) return down;
      return pair.reaching === undefined
        ? { ...down, code }
        : { ...down, code, rejoining: hints.pairing(pair, pair.reaching) };
    }
    if (link?.at === 'verifying') {
      const { sinceMs } = link;
      return { at: 'connecting', code, step: 'verifying', sinceMs, ...hints.verifying(sinceMs) };
    }
    if (pair?.reaching === undefined) {
      const callsBack = lastPeer.id();
      return {
        at: 'pairing',
        code,
        ...(ended === undefined ? {} : { ended }),
        ...(callsBack === undefined ? {} : { callsBack }),
      };
    }
    const step = pair.reaching.isReached() ? 'securing' : 'reaching';
    return { at: 'connecting', code, step, sinceMs: pair.sinceMs, ...hints.pairing(pair, pair.reaching) };
  }

  const unsubscribe = [
    engine.onControlOpen((id) => linked?.controlOpen(id)),
    engine.onChannelClosed((id, role) => linked?.channelClosed(id, role)),
    engine.onSignal((body) => linked?.handle(body)),
    engine.onLiveness((at, roundTripMs) => linked?.liveness(at, roundTripMs)),
    engine.onWantLanes((count) => linked?.wantLanes(count)),
    engine.onLaneEmpty((id) => linked?.laneEmpty(id)),
    engine.onPeerLeft(() => endLink('by-peer', 'nothing')),
    engine.onViolation((fault) => endLink(fault, 'nothing')),
    ...(lan === undefined ? [] : [lan.onReply((reply) => void takeDelivered(reply)), lan.onIncomingCall(takeCall)]),
  ];
  startPairing();

  return {
    view: () => shown,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onDelivery(listener) {
      newsListeners.add(listener);
      return () => newsListeners.delete(listener);
    },
    takeCode: (text, via) => takeCode(text, via),
    callRemembered(id) {
      const call = findRemembered(id);
      isPersonCalling = true;
      calling = call
        .catch(() => undefined)
        .finally(() => {
          isPersonCalling = false;
          callBack.check();
        });
      return call;
    },
    remember: (choice) => linked?.remember(choice),
    newCode() {
      // Whoever asks for codes has other plans.
      lastPeer.forget();
      // Somebody who went silent in the middle of the verification must not hold us.
      if (linked?.view().at === 'verifying') endLink('by-us', 'nothing');
      else pairing?.newCode();
      ended = undefined;
      changed();
    },
    confirmVerification: (choice) => linked?.confirmVerification(choice),
    disconnect() {
      lastPeer.forget();
      if (linked) endLink('by-us', 'bye');
      else pairing?.newCode();
    },
    pairAgain() {
      if (linked?.view().at !== 'reconnecting') return;
      isCodeAsked = true;
      if (pairing === undefined) startPairing();
      else pairing.newCode();
    },
    configure(next) {
      const before = options;
      options = next;
      const altersCodes =
        before.deviceName !== next.deviceName ||
        before.relayOnly !== next.relayOnly ||
        before.askRouter !== next.askRouter ||
        JSON.stringify(before.servers) !== JSON.stringify(next.servers);
      if (altersCodes) pairing?.addressesChanged();
    },
    nudge(why) {
      linked?.nudge(why);
      pairing?.retryCandidates();
      if (why === 'woke') return;
      stopAddressTimer();
      stopAddressTimer = clock.after(addressSettleMs, () => pairing?.addressesChanged());
    },
    report: async (withAddresses) =>
      reportLines(shown, await linked?.facts(), { withAddresses, connections: connections.count() }),
    close() {
      isClosed = true;
      callBack.check();
      lastPeer.close();
      stopTick();
      stopAddressTimer();
      for (const stop of unsubscribe) stop();
      stopPairing();
      linked?.close();
      connections.close();
    },
  };
}

function iceServers({ servers }: LinkOptions): RtcIceServer[] {
  return servers.map(({ url, username, credential }) => ({
    urls: url,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}
