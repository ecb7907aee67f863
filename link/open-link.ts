// The link of a page, whole: codes until one of them works, then that link until it ends, then codes again. This file only
// joins pairing and the linked life and makes the view; how each is done is in run-pairing.ts and run-linked.ts.

import type { Clock } from '../shared/model/clock.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { CodeVia, DeliveryNews, LinkView } from '../shared/model/link-view.ts';
import { addressSettleMs, callBackReachMs, callTakenAfterDownMs, heartbeatEveryMs } from '../shared/wire/limits.ts';
import { startCallBack } from './call-back.ts';
import { connectionPaces, openConnections } from './connections.ts';
import { openLastPeer } from './last-peer.ts';
import type { Link, LinkOptions } from './link.ts';
import type { IncomingCall, LanService, LinkEngine, OwnNetworks, ReplyCarrier, RouterPort } from './ports.ts';
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
import { ShownView } from './shown-view.ts';
import { afterQuiet, every } from './timers.ts';

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
  /** Where a host tells, and for as long as what it told is true. */
  readonly ownNetworks?: () => OwnNetworks | undefined;
};

type Ended = 'by-peer' | 'by-us' | FaultView;

/** Who has the codes taken that are under way: a call back that nobody clicked for gives way to a person. */
type CodesOf = 'nobody' | 'call-back' | 'person';

/** What this link is in the middle of. While a link is down, codes may be made beside it. */
type Life =
  | {
      readonly at: 'unlinked';
      /** How the last one ended, or why codes came to nothing. */
      readonly ended: Ended | undefined;
      readonly codesOf: CodesOf;
    }
  | {
      readonly at: 'linked';
      readonly linked: Linked;
      /** Codes made to call somebody back are shown only once a person asks for one. */
      readonly isCodeAsked: boolean;
    }
  | { readonly at: 'closed' };

export function openLink(initial: LinkOptions, ports: LinkPorts): Link {
  const { clock, engine, lan } = ports;
  const carrier = lan ?? ports.carrier;
  const shown = new ShownView();
  const newsListeners = new Set<(news: DeliveryNews) => void>();
  const connections = openConnections(ports, () => ({
    iceServers: iceServers(options),
    relayOnly: options.relayOnly === true,
    askRouter: options.askRouter === true,
  }));
  const paces = connectionPaces(clock);
  const hints = openHints(clock, () => {
    const serversOn = options.servers.length > 0;
    return { serversOn, routerOnly: !serversOn && options.askRouter === true };
  });
  let options = initial;
  let pairing: Pairing | undefined;
  let memory: PairingMemory | undefined;
  let life: Life = { at: 'unlinked', ended: undefined, codesOf: 'nobody' };
  let announcedInvites = '';
  /** A person's call that is under way: what comes over the network in the meantime waits for its end. */
  let calling: Promise<unknown> | undefined;
  const addresses = afterQuiet(clock, addressSettleMs, () => pairing?.addressesChanged());
  const stopTicks = every(clock, heartbeatEveryMs, tick);
  const callBack = startCallBack({ clock, lost, call: callAgain });
  const lastPeer = openLastPeer({ clock, id: ports.lastPeer, notify: (id) => lan?.linkedWith(id), changed });

  /** A remembered computer whose link is down. */
  function lost(): string | undefined {
    if (life.at === 'unlinked') return calling === undefined ? lastPeer.id() : undefined;
    return isDown(life) ? linkedNow()?.knownId() : undefined;
  }

  function linkedNow(): Linked | undefined {
    return life.at === 'linked' ? life.linked : undefined;
  }

  /** Nothing where this connection was that of a link before. */
  function linkOf(connection: ConnectionId): Linked | undefined {
    const linked = linkedNow();
    return linked?.hasAdopted(connection) === true ? linked : undefined;
  }

  /** Hints appear with time alone, and codes that come to nothing are known by it. */
  function tick(): void {
    const { view } = shown;
    const isLost = view.at === 'linked' && pairing !== undefined && isOverdue(pairing);
    if (isLost) stopPairing();
    if (view.at === 'connecting' || (view.at === 'reconnecting' && view.rejoining) || isLost) changed();
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
          endedBecause(fault);
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
    if (life.at === 'linked') {
      engine.command({ do: 'end', say: 'nothing' });
      life.linked.close();
    }
    lastPeer.linkedWith(paired.remembered?.id);
    hints.linked(paired.connection);
    const linked = startLinked(paired, {
      engine,
      connections,
      clock,
      pace: paces.of(paired.remembered?.id),
      lan,
      router: ports.router,
      changed,
      ended: (why) => endLink(why, 'nothing'),
    });
    life = { at: 'linked', linked, isCodeAsked: false };
    changed();
  }

  function endLink(why: Ended, say: 'bye' | 'nothing'): void {
    if (life.at !== 'linked') return;
    const { linked } = life;
    life = { at: 'unlinked', ended: why, codesOf: 'nobody' };
    lastPeer.linkedWith(undefined);
    engine.command({ do: 'end', say });
    linked.close(say === 'bye');
    stopPairing();
    startPairing();
  }

  function changed(): void {
    if (life.at === 'closed') return;
    const linked = linkedNow();
    if (linked?.view().at === 'linked' && pairing && !pairing.isUnderWay()) stopPairing();
    const knownId = linked?.knownId();
    if (knownId !== undefined) lastPeer.linkedWith(knownId);
    announceInvites();
    callBack.check();
    shown.show(view());
  }

  /** Where the link healed first, whoever was called or gave a code has closed their side of it, and nothing else would end it. */
  function isOverdue(codes: Pairing): boolean {
    return codes.isUnderWay() && clock.now() - codes.oldestSinceMs() > callBackReachMs;
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

  async function takeCode(
    text: string,
    via: CodeVia,
    { remembered, by = 'person' }: { readonly remembered?: RememberedSender; readonly by?: CodesOf } = {},
  ): Promise<FaultView | undefined> {
    if (life.at === 'linked' && !isDown(life)) {
      return { code: 'link-exists', message: 'there is a link already; end it first' };
    }
    if (pairing === undefined) startPairing();
    // Before anything is waited for: a person may give a code meanwhile, and theirs count until there are new ones.
    const before = life.at === 'unlinked' ? life.codesOf : 'nobody';
    if (before !== 'person') codesAreOf(by);
    const run = pairing;
    const fault = await run?.takeCode(text, via, remembered);
    // A code that was thrown away with its run, or that nobody clicked for, is no news for a person.
    if (fault === undefined && by === 'person' && run === pairing) endedBecause(undefined);
    else if (fault !== undefined && life.at === 'unlinked' && life.codesOf === by) codesAreOf(before);
    changed();
    return fault;
  }

  function endedBecause(ended: Ended | undefined): void {
    if (life.at === 'unlinked') life = { ...life, ended };
  }

  function codesAreOf(codesOf: CodesOf): void {
    if (life.at === 'unlinked') life = { ...life, codesOf };
  }

  /** Only the invite's own reply gets here; one that comes too late is of no interest to anybody. Whoever called somebody
   * they know gets that one, and not a stranger who saw the code on the screen and was quicker. */
  async function takeDelivered(reply: string): Promise<void> {
    await calling;
    if ((await takeCode(reply, 'near')) === undefined) notify('arrived');
  }

  /** While there is a link, or one is on its way, nobody else is let in; they can try again. */
  function takeCall({ callId, id, name, invite }: IncomingCall): void {
    if (pairing?.isUnderWay() !== true && isCallTaken(id))
      void takeCode(invite, 'known', { remembered: { name, meeting: { callId, id } }, by: 'nobody' });
  }

  /** Two that both lost the link find each other by calls only: one of them has to answer although it has a link, which is down. */
  function isCallTaken(id: string): boolean {
    if (life.at === 'unlinked') return pairing !== undefined;
    const linked = linkedNow();
    return linked?.knownId() === id && (linked.downMs() ?? 0) >= callTakenAfterDownMs;
  }

  async function callAgain(id: string): Promise<void> {
    if (pairing === undefined) startPairing();
    else if (isReplyOfPerson()) return;
    else if (!pairing.isUnderWay()) await findRemembered(id, 'call-back');
    else if (isOursToRepeat() && clock.now() - pairing.view().sinceMs > callBackReachMs) pairing.newCode();
  }

  /** No code that a person gave or took is thrown away. */
  function isOursToRepeat(): boolean {
    if (life.at === 'linked') return !life.isCodeAsked;
    return life.at === 'unlinked' && life.codesOf === 'call-back';
  }

  /** The screen shows a reply that somebody needs: the progress of a call that nobody asked for would take its place. */
  function isReplyOfPerson(): boolean {
    if (life.at === 'unlinked') return life.codesOf === 'person';
    const code = pairing?.view().code;
    return code?.at === 'ready' && code.kind === 'reply';
  }

  async function findRemembered(id: string, by: CodesOf): Promise<boolean> {
    const invite = pairing?.invites().at(-1);
    const found = invite === undefined ? undefined : await lan?.call(id, invite);
    if (found === undefined || (by === 'call-back' && isReplyOfPerson())) return false;
    const remembered = { name: found.name, meeting: { id } };
    return (await takeCode(found.reply, 'known', { remembered, by })) === undefined;
  }

  function view(): LinkView {
    const pair = pairing?.view();
    const code = pair?.code ?? ({ at: 'making' } as const);
    const link = linkedNow()?.view();
    if (link?.at === 'linked') return link;
    if (link?.at === 'reconnecting') {
      const down = linkedNow()?.knownId() === undefined ? link : ({ ...link, callsBack: true } as const);
      if (pair === undefined || life.at !== 'linked' || !life.isCodeAsked) return down;
      return pair.reaching === undefined
        ? { ...down, code }
        : { ...down, code, rejoining: hints.pairing(pair, pair.reaching) };
    }
    if (link?.at === 'verifying') {
      return { at: 'connecting', code, step: 'verifying', ...hints.verifying(link.sinceMs) };
    }
    if (pair?.reaching === undefined) {
      const callsBack = lastPeer.id();
      return {
        at: 'pairing',
        code,
        ...(life.at !== 'unlinked' || life.ended === undefined ? {} : { ended: life.ended }),
        ...(callsBack === undefined ? {} : { callsBack }),
      };
    }
    const step = pair.reaching.isReached() ? 'securing' : 'reaching';
    return { at: 'connecting', code, step, ...hints.pairing(pair, pair.reaching) };
  }

  const unsubscribe = [
    engine.onControlOpen((id) => linkedNow()?.controlOpen(id)),
    engine.onChannelClosed((id, role) => linkedNow()?.channelClosed(id, role)),
    engine.onSignal((id, body) => linkOf(id)?.handle(body)),
    engine.onLiveness((id, at, roundTripMs) => linkOf(id)?.liveness(id, at, roundTripMs)),
    engine.onWantLanes((count) => linkedNow()?.wantLanes(count)),
    engine.onLaneEmpty((id) => linkedNow()?.laneEmpty(id)),
    engine.onPeerLeft((id) => linkOf(id) && endLink('by-peer', 'nothing')),
    engine.onViolation((id, fault) => linkOf(id) && endLink(fault, 'nothing')),
    ...(lan === undefined ? [] : [lan.onReply((reply) => void takeDelivered(reply)), lan.onIncomingCall(takeCall)]),
  ];
  startPairing();

  return {
    view: () => shown.view,
    hasAdopted: (connection) => linkOf(connection) !== undefined,
    onChange: (listener) => shown.onChange(listener),
    onDelivery(listener) {
      newsListeners.add(listener);
      return () => newsListeners.delete(listener);
    },
    takeCode: (text, via) => takeCode(text, via),
    callRemembered(id) {
      const call = findRemembered(id, 'person');
      const heard = call
        .catch(() => undefined)
        .finally(() => {
          if (calling === heard) calling = undefined;
          callBack.check();
        });
      calling = heard;
      return call;
    },
    remember: (choice) => linkedNow()?.remember(choice),
    newCode() {
      // Whoever asks for codes has other plans.
      lastPeer.forget();
      // Somebody who went silent in the middle of the verification must not hold us.
      if (linkedNow()?.view().at === 'verifying') endLink('by-us', 'nothing');
      else pairing?.newCode();
      codesAreOf('nobody');
      endedBecause(undefined);
      changed();
    },
    confirmVerification: (choice) => linkedNow()?.confirmVerification(choice),
    disconnect() {
      lastPeer.forget();
      if (life.at === 'linked') endLink('by-us', 'bye');
      else pairing?.newCode();
    },
    pairAgain() {
      if (life.at !== 'linked' || !isDown(life)) return;
      life = { ...life, isCodeAsked: true };
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
      // A connection asks its servers for as long as it waits.
      const isServerGone = before.servers.some(({ url }) => next.servers.every((each) => each.url !== url));
      if (isServerGone && pairing !== undefined) {
        codesAreOf('nobody');
        pairing.newCode();
      } else if (altersCodes) pairing?.addressesChanged();
    },
    nudge(why) {
      linkedNow()?.nudge(why);
      pairing?.retryCandidates();
      if (why !== 'woke') addresses.restart();
    },
    report: async (withAddresses) =>
      reportLines(shown.view, await linkedNow()?.facts(), { withAddresses, connections: connections.count() }),
    close() {
      const linked = linkedNow();
      life = { at: 'closed' };
      callBack.check();
      lastPeer.close();
      stopTicks();
      addresses.stop();
      for (const stop of unsubscribe) stop();
      stopPairing();
      linked?.close();
      connections.close();
    },
  };
}

function isDown(life: Life): boolean {
  return life.at === 'linked' && life.linked.view().at === 'reconnecting';
}

function iceServers({ servers }: LinkOptions): RtcIceServer[] {
  return servers.map(({ url, username, credential }) => ({
    urls: url,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}
