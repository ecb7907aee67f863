// Two real runners of link/run-linked.ts on two connections that are up, joined by what their engines would carry. What the
// first one does is written down, in order.

import { expect, vi } from 'vitest';
import { connectionPaces } from '../../../link/connections.ts';
import type { LinkEngine } from '../../../link/ports.ts';
import { type Linked, startLinked } from '../../../link/run-linked.ts';
import type { CodeProof } from '../../../link/verification-state.ts';
import type { LinkCommand, LinkSignalBody } from '../../../shared/model/link-channel.ts';
import { standbyPairsKept } from '../../../shared/wire/limits.ts';
import { type FakeConnection, type FakeConnections, FakeNetwork } from './fake-network.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Hashes are computed on other threads: nothing tells when they are done. */
export const quickly = { interval: 2, timeout: 5_000 };

export type LinkEnd = {
  readonly linked: Linked;
  readonly connections: FakeConnections;
  readonly first: FakeConnection;
  readonly log: string[];
  readonly commands: LinkCommand[];
  /** Values that a new secret would be made of. */
  readonly renewals: string[];
  ended: string | undefined;
  /** A signal of the other side waits for the engine to listen to it. */
  hear(body: LinkSignalBody): void;
};

export type TwoLinks = {
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly clock: VirtualClock;
  readonly network: FakeNetwork;
  /** What one side says does not reach the other. */
  isCut: boolean;
};

export type TwoLinksOptions = { readonly network?: FakeNetwork; readonly proofs?: readonly [CodeProof, CodeProof] };

export function openTwoLinks({ network = new FakeNetwork(), proofs }: TwoLinksOptions = {}): TwoLinks {
  const clock = new VirtualClock();
  const [first, second] = [network.open(), network.open()];
  const fields = (connection: FakeConnection) => ({
    ufrag: 'abcd',
    pwd: 'a'.repeat(24),
    fingerprint: connection.fingerprint,
    candidates: [],
  });
  first.remote = fields(second);
  second.remote = fields(first);
  for (const each of [first, second]) each.become('connected');

  const end = (own: FakeConnection, isInviter: boolean, peer: () => LinkEnd): LinkEnd => {
    const connections = network.connections();
    connections.all.push(own);
    connections.openControls.add(own.id);
    const log: string[] = [];
    const commands: LinkCommand[] = [];
    const held: (() => void)[] = [];
    const open = connections.open;
    const watched = Object.assign(connections, {
      open: async () => {
        const connection = await open();
        watch(connection, log);
        connections.openControls.add(connection.id);
        return connection;
      },
    });
    watch(own, log);
    const engine: Pick<LinkEngine, 'command'> = {
      command(command) {
        commands.push(command);
        log.push(describe(command));
        if (command.do === 'adopt') for (const deliver of held.splice(0)) deliver();
        if (command.do === 'signal' && !links.isCut) queueMicrotask(() => peer().hear(command.body));
      },
    };
    const linked = startLinked(
      {
        connection: own,
        role: isInviter ? 'inviter' : 'replier',
        invite: Uint8Array.of(1),
        reply: Uint8Array.of(2),
        theirFingerprint: (isInviter ? second : first).fingerprint,
        peerName: isInviter ? 'Ben' : 'Anna',
        remembered: proofs === undefined ? undefined : { id: 'known' },
        proof: proofs?.[isInviter ? 0 : 1],
      },
      {
        engine: engine as LinkEngine,
        connections: watched,
        clock,
        pace: connectionPaces(clock).of(undefined),
        changed: () => undefined,
        ended(why) {
          self.ended = why.code;
          log.push(`end ${why.code}`);
          linked.close();
        },
        router: undefined,
        lan: { remember: async () => undefined, renew: (_, renewal) => void self.renewals.push(renewal) },
      },
    );
    const self: LinkEnd = {
      ...{ renewals: [], linked, connections, first: own, log, commands, ended: undefined },
      hear(body) {
        const deliver = () => linked.handle(body);
        if (commands.some((command) => command.do === 'adopt')) deliver();
        else held.push(deliver);
      },
    };
    return self;
  };
  const links: TwoLinks = {
    a: end(first, true, () => links.b),
    b: end(second, false, () => links.a),
    clock,
    network,
    isCut: false,
  };
  return links;
}

/** Both show the digits. */
export async function untilAsked({ a, b }: TwoLinks): Promise<void> {
  await vi.waitFor(() => expect([a, b].map(({ linked }) => linked.view().at)).toEqual(['linked', 'linked']), quickly);
}

/** Both people said yes, and all standby connections are ready. */
export async function confirmBoth({ a, b }: TwoLinks): Promise<void> {
  for (const { linked } of [a, b]) linked.confirmVerification('match');
  await vi.waitFor(async () => {
    for (const { linked } of [a, b]) expect((await linked.facts()).standby).toBe(standbyPairsKept);
  }, quickly);
}

function watch(connection: FakeConnection, log: string[]): void {
  const { complete } = connection;
  Object.assign(connection, {
    retryCandidates: async () => void log.push('retry'),
    complete: async (...args: Parameters<FakeConnection['complete']>) => {
      log.push('promote');
      await complete.apply(connection, args);
    },
  });
}

function describe(command: LinkCommand): string {
  switch (command.do) {
    case 'signal':
      return `say ${String(command.body.say)}`;
    case 'adopt':
      return command.fresh ? 'adopt' : 'adopt again';
    case 'link-state':
      return command.up ? 'link up' : 'link down';
    case 'authorize':
      return 'authorize';
    case 'nudge':
      return 'probe';
    default:
      return command.do;
  }
}
