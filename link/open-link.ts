// The link of a page, whole: codes until one of them works, then that link until it ends, then codes again. This file
// only joins pairing and linked life and tells the view; how each is done is in run-pairing.ts and run-linked.ts.

import type { FaultView } from '../shared/model/fault.ts';
import type { CodeVia, LinkView, NearNews } from '../shared/model/link-view.ts';
import { addressSettleMs, heartbeatEveryMs } from '../shared/wire/limits.ts';
import { type Connection, openConnection } from './connection.ts';
import type { EngineDesk, Link, LinkOptions, NearDesk } from './link.ts';
import { reportLines } from './report.ts';
import { openHints } from './run-connecting-hint.ts';
import { type Linked, startLinked } from './run-linked.ts';
import { type KnownSender, type Memory, type Paired, type Pairing, startPairingRun } from './run-pairing.ts';

export type LinkExtras = {
  /** Off only in the tests that show what feeding candidates again is for. */
  readonly refeed?: boolean;
  /** Where there is a host that can listen. */
  readonly near?: NearDesk;
};

/** A bye needs a moment on the wire before its connection is closed. */
const byeLingerMs = 500;

export function openLink(initial: LinkOptions, desk: EngineDesk, more: LinkExtras = {}): Link {
  const { near, refeed = true } = more;
  const listeners = new Set<(view: LinkView) => void>();
  const nearListeners = new Set<(news: NearNews) => void>();
  const open = new Set<Connection>();
  const openControls = new Set<number>();
  let options = initial;
  let nextId = 1;
  let pairing: Pairing | undefined;
  let memory: Memory | undefined;
  let linked: Linked | undefined;
  let ended: 'by-peer' | 'by-us' | FaultView | undefined;
  let lastTold = '';
  let lastInvites = '';
  let calling: Promise<unknown> = Promise.resolve();
  let told: LinkView = { at: 'pairing', code: { at: 'making' } };
  const hints = openHints(() => options.servers.length > 0);
  let closed = false;
  let settling: ReturnType<typeof setTimeout> | undefined;
  const ticking = setInterval(() => {
    if (told.at === 'connecting' || (told.at === 'reconnecting' && told.rejoining)) changed();
  }, heartbeatEveryMs);

  async function openOne(id: number, control: boolean): Promise<Connection> {
    const connection = await openConnection(
      { id, iceServers: iceServers(options), relayOnly: options.relayOnly === true, control },
      desk,
    );
    open.add(connection);
    return connection;
  }

  function drop(connection: Connection): void {
    if (!open.delete(connection)) return;
    openControls.delete(connection.id);
    desk.command({ do: 'drop', connection: connection.id });
    connection.close();
  }

  function startPairing(): void {
    pairing = startPairingRun(
      {
        open: (id) => openOne(id, true),
        nextId: () => nextId++,
        drop,
        deviceName: () => options.deviceName,
        refeed,
        changed,
        deliver: async (invite, reply) => {
          const isDelivered = (await near?.deliver(invite, reply)) ?? false;
          if (isDelivered) tellNear('delivered');
          return isDelivered;
        },
        answer: async (knock, reply) => (await near?.answer(knock, reply)) ?? false,
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
      desk.command({ do: 'end', say: 'nothing' });
      linked.close();
    }
    ended = undefined;
    hints.linked(paired.connection);
    linked = startLinked(paired, {
      desk,
      refeed,
      open: (control) => openOne(nextId++, control),
      drop,
      isControlOpen: (id) => openControls.has(id),
      remember: near && ((kept) => near.remember(kept)),
      changed,
      ended: (why) => endLink(why, 'nothing'),
    });
    changed();
  }

  function endLink(why: 'by-peer' | 'by-us' | FaultView, say: 'bye' | 'nothing'): void {
    const old = linked;
    if (old === undefined) return;
    linked = undefined;
    ended = why;
    desk.command({ do: 'end', say });
    old.close(byeLingerMs);
    stopPairing();
    startPairing();
  }

  function changed(): void {
    if (closed) return;
    if (linked?.face().at === 'linked' && pairing && !pairing.isUnderWay()) stopPairing();
    tellInvites();
    told = view();
    const text = JSON.stringify(told);
    if (text === lastTold) return;
    lastTold = text;
    for (const listener of listeners) listener(told);
  }

  function tellInvites(): void {
    const invites = pairing?.invites() ?? [];
    const text = invites.join();
    if (text === lastInvites) return;
    lastInvites = text;
    near?.invites(invites);
  }

  function tellNear(news: NearNews): void {
    for (const listener of nearListeners) listener(news);
  }

  async function takeCode(text: string, via: CodeVia, known?: KnownSender): Promise<FaultView | undefined> {
    if (linked && linked.face().at !== 'reconnecting') {
      return { code: 'code-unusable', message: 'there is a link already; end it first' };
    }
    if (pairing === undefined) startPairing();
    const fault = await pairing?.takeCode(text, via, known);
    if (fault === undefined) ended = undefined;
    changed();
    return fault;
  }

  /** Only the invite's own reply gets here; one that comes too late is of no interest to anybody. Whoever called somebody
   * they know gets that one, and not a stranger who saw the code on the screen and was quicker. */
  async function takeNear(reply: string): Promise<void> {
    await calling;
    if ((await takeCode(reply, 'near')) === undefined) tellNear('arrived');
  }

  /** While there is a link, or one is on its way, nobody else is let in; they can try again. */
  function takeKnock({ knock, name, invite }: Parameters<Parameters<NearDesk['onKnock']>[0]>[0]): void {
    if (linked === undefined && pairing?.isUnderWay() === false) void takeCode(invite, 'known', { name, knock });
  }

  function callKnown(id: string): Promise<boolean> {
    const call = findKnown(id);
    calling = call.catch(() => undefined);
    return call;
  }

  async function findKnown(id: string): Promise<boolean> {
    const invite = pairing?.invites().at(-1);
    const found = invite === undefined ? undefined : await near?.call(id, invite);
    if (found === undefined) return false;
    return (await takeCode(found.reply, 'known', { name: found.name, called: id })) === undefined;
  }

  function view(): LinkView {
    const way = pairing?.face();
    const code = way?.code ?? ({ at: 'making' } as const);
    const face = linked?.face();
    if (face?.at === 'linked') return face;
    if (face?.at === 'reconnecting') {
      if (way === undefined) return face;
      return way.reaching === undefined
        ? { ...face, code }
        : { ...face, code, rejoining: hints.pairing(way, way.reaching) };
    }
    if (face?.at === 'greeting') {
      const { sinceMs } = face;
      return { at: 'connecting', code, step: 'greeting', sinceMs, ...hints.greeting(sinceMs) };
    }
    if (way?.reaching === undefined) return ended ? { at: 'pairing', code, ended } : { at: 'pairing', code };
    const step = way.reaching.isReached() ? 'securing' : 'reaching';
    return { at: 'connecting', code, step, sinceMs: way.sinceMs, ...hints.pairing(way, way.reaching) };
  }

  const unsubscribe = [
    desk.onControlOpen((id) => {
      openControls.add(id);
      linked?.controlOpen(id);
    }),
    desk.onChannelClosed((id, role) => linked?.channelClosed(id, role)),
    desk.onSignal((body) => linked?.hear(body)),
    desk.onLiveness((at, roundTripMs) => linked?.liveness(at, roundTripMs)),
    desk.onWantLanes((count) => linked?.wantLanes(count)),
    desk.onLaneEmpty((id) => linked?.laneEmpty(id)),
    desk.onPeerLeft(() => endLink('by-peer', 'nothing')),
    desk.onViolation((fault) => endLink(fault, 'nothing')),
    ...(near === undefined ? [] : [near.onReply((reply) => void takeNear(reply)), near.onKnock(takeKnock)]),
  ];
  startPairing();

  return {
    view: () => told,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onNear(listener) {
      nearListeners.add(listener);
      return () => nearListeners.delete(listener);
    },
    takeCode: (text, via) => takeCode(text, via),
    callKnown,
    remember: (choice) => linked?.remember(choice),
    newCode() {
      // Somebody who went silent in the middle of the greeting must not hold us.
      if (linked?.face().at === 'greeting') endLink('by-us', 'nothing');
      else pairing?.newCode();
      ended = undefined;
      changed();
    },
    settleDigits: (choice) => linked?.settleDigits(choice),
    disconnect() {
      if (linked) endLink('by-us', 'bye');
      else pairing?.newCode();
    },
    pairAgain() {
      if (linked?.face().at !== 'reconnecting') return;
      if (pairing === undefined) startPairing();
      else pairing.newCode();
    },
    configure(next) {
      const before = options;
      options = next;
      const altersCodes =
        before.deviceName !== next.deviceName ||
        before.relayOnly !== next.relayOnly ||
        JSON.stringify(before.servers) !== JSON.stringify(next.servers);
      if (altersCodes) pairing?.addressesChanged();
    },
    nudge(why) {
      linked?.nudge(why);
      pairing?.feed();
      if (why === 'woke') return;
      clearTimeout(settling);
      settling = setTimeout(() => pairing?.addressesChanged(), addressSettleMs);
    },
    report: async (withAddresses) =>
      reportLines(told, await linked?.facts(), { withAddresses, connections: open.size }),
    close() {
      closed = true;
      clearInterval(ticking);
      clearTimeout(settling);
      for (const stop of unsubscribe) stop();
      stopPairing();
      linked?.close();
      for (const connection of [...open]) drop(connection);
    },
  };
}

function iceServers({ servers }: LinkOptions): RTCIceServer[] {
  return servers.map(({ url, username, credential }) => ({
    urls: url,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  }));
}
