// The table of a link in docs/STATES.md, driven through the real runner: every state, every event.

import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { nextLinked, startLinkedState } from '../../../link/linked-state.ts';
import type { RtcStatsEntry } from '../../../link/rtc.ts';
import { routePollMs } from '../../../shared/wire/limits.ts';
import { FakeNetwork } from './fake-network.ts';
import { confirmBoth, openTwoLinks, quickly, type TwoLinks, untilAsked } from './two-links.ts';
import { settled } from './virtual-clock.ts';

const securing = 'securing';
const states = {
  [securing]: async () => {
    const network = new FakeNetwork();
    network.securing = new Promise(() => undefined);
    return openTwoLinks({ network });
  },
  verifying: async () => {
    const links = openTwoLinks();
    await untilAsked(links);
    return links;
  },
  'verifying, down': async () => down(await states.verifying()),
  confirmed: async () => {
    const links = await states.verifying();
    await confirmBoth(links);
    return links;
  },
  'confirmed, down': async () => down(await states.confirmed()),
  ended: async () => {
    const links = await states.confirmed();
    links.a.first.violate();
    await settled();
    return links;
  },
} as const;

async function down(links: TwoLinks): Promise<TwoLinks> {
  links.isCut = true;
  links.a.first.become('disconnected');
  await settled();
  return links;
}

const events: Readonly<Record<string, (links: TwoLinks) => void>> = {
  'both confirm': ({ a, b }) => {
    for (const { linked } of [a, b]) linked.confirmVerification('match');
  },
  malformed: ({ a }) => a.linked.handle({ say: 'nonsense' }),
  'out of turn': ({ a }) => a.linked.handle({ say: 'commit', commitment: 'ab'.repeat(32) }),
  spares: ({ a }) => a.linked.handle({ say: 'spares', spares: [] }),
  goodbye: ({ a }) => a.linked.handle({ say: 'goodbye', why: 'tampered' }),
  disconnected: ({ a }) => a.first.become('disconnected'),
  connected: ({ a }) => a.first.become('connected'),
  silent: ({ a }) => a.linked.liveness(a.first.id, 'suspect', undefined),
  heard: ({ a }) => a.linked.liveness(a.first.id, 'alive', 5),
  'channel closed': ({ a }) => a.linked.channelClosed(a.first.id, 'control'),
  'checks arrive at a standby connection': ({ a }) => a.connections.all[1]?.become('checking'),
  woke: ({ a }) => a.linked.nudge('woke'),
  'addresses changed': ({ a }) => a.linked.nudge('addresses'),
  '7 s pass': ({ clock }) => clock.advance(7_000),
  '16 s pass': ({ clock }) => clock.advance(16_000),
  violation: ({ a }) => a.first.violate(),
  closed: ({ a }) => a.linked.close(),
};

/** What the runner did since then, and where it is now. */
function observe({ a }: TwoLinks, before: string): string {
  const now = stateOf(a);
  const did = a.log.filter((line, at) => line !== a.log[at - 1]);
  const parts = [...(did.length > 0 ? [did.join(', ')] : []), ...(now === before ? [] : [`→ ${now}`])];
  return parts.length === 0 ? '·' : parts.join(' ');
}

function stateOf({ ended, commands, connections }: TwoLinks['a']): string {
  if (ended !== undefined || connections.count() === 0) return 'ended';
  const lastLink = commands.findLast((command) => command.do === 'link-state');
  if (lastLink?.do !== 'link-state') return securing;
  const phase = commands.some((command) => command.do === 'authorize') ? 'confirmed' : 'verifying';
  return lastLink.up ? phase : `${phase}, down`;
}

const documented = new Map(
  [...readFileSync('docs/STATES.md', 'utf8').matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (.+) \|$/gm)].flatMap(
    ([, state, event, text]) => (event! in events && state! in states ? [[`${state} + ${event}`, text!] as const] : []),
  ),
);

describe('a link', () => {
  for (const state of Object.keys(states) as (keyof typeof states)[]) {
    for (const event of Object.keys(events)) {
      it(`in ${state}, on ${event}`, async () => {
        const expected = documented.get(`${state} + ${event}`) ?? '·';
        const links = await states[state]();
        const before = stateOf(links.a);
        links.a.log.splice(0);
        events[event]!(links);
        await settled();
        await vi.waitFor(() => expect(observe(links, before)).toBe(expected), quickly);
      });
    }
  }

  it('has no row in the document that is not a state and an event', () => {
    expect(documented.size).toBeGreaterThan(40);
  });
});

describe('what is measured', () => {
  const pairWith = (address: string) =>
    new Map<string, RtcStatsEntry>([
      ['t', { id: 't', type: 'transport', selectedCandidatePairId: 'p' }],
      ['p', { id: 'p', type: 'candidate-pair', localCandidateId: 'l', remoteCandidateId: 'r' }],
      ['l', { id: 'l', type: 'local-candidate', candidateType: 'host', address: '192.168.1.2' }],
      ['r', { id: 'r', type: 'remote-candidate', candidateType: 'host', address }],
    ]);
  const addresses = ({ a }: TwoLinks) => a.commands.flatMap((one) => (one.do === 'peer-address' ? [one.address] : []));

  /** The answer of the first connection is held back while the link goes on. */
  async function measuring(): Promise<{ readonly links: TwoLinks; answer(): void }> {
    const links = await states.confirmed();
    const waiting: (() => void)[] = [];
    links.a.first.stats = () => new Promise((resolve) => waiting.push(() => resolve(pairWith('192.168.1.9'))));
    links.clock.advance(routePollMs);
    expect(waiting).not.toEqual([]);
    return { links, answer: () => waiting.map((one) => one()) };
  }

  it('is told to the engine while the link runs over it', async () => {
    const { links, answer } = await measuring();
    answer();
    await settled();
    expect(addresses(links)).toContain('192.168.1.9');
  });

  it.each<[string, (links: TwoLinks) => void]>([
    ['the link has ended', ({ a }) => a.linked.close()],
    ['another connection is the link', ({ a }) => a.connections.all[1]?.become('checking')],
  ])('is told to nobody where by then %s', async (_what, change) => {
    const { links, answer } = await measuring();
    change(links);
    await settled();
    answer();
    await settled();
    expect(addresses(links)).not.toContain('192.168.1.9');
  });
});

describe('silence of a connection that was the link until another one took over', () => {
  it('changes nothing', async () => {
    const { a } = await states.confirmed();
    a.connections.all[1]?.become('checking');
    const adopted = () => a.commands.flatMap((one) => (one.do === 'adopt' ? [one.connection] : []));
    await vi.waitFor(() => expect(adopted()).toHaveLength(2), quickly);
    const [before, now] = adopted();
    a.linked.liveness(before!, 'suspect', undefined);
    await settled();
    expect(a.linked.view().at).toBe('linked');
    a.linked.liveness(now!, 'suspect', undefined);
    await settled();
    expect(a.linked.view().at).toBe('reconnecting');
  });
});

describe('a peer that proves standby connections and never opens their channel', () => {
  it('leaves nothing of them behind', () => {
    let state = nextLinked(startLinkedState(1), { is: 'secured', isControlOpen: true }).state;
    for (let pair = 1; pair <= 100; pair += 1) {
      const connection = pair + 1;
      state = nextLinked(state, { is: 'standby-proven', connection, pair, isControlOpen: false }).state;
      state = nextLinked(state, { is: 'standby-gone', connection }).state;
    }
    expect(state).toMatchObject({ proven: [] });
  });
});

describe('a link of two remembered computers', () => {
  it('gives both the same value to make a new secret of, another one each time', async () => {
    const first = openTwoLinks({ proofs: ['known', 'known'] });
    await vi.waitFor(() => expect([...first.a.renewals, ...first.b.renewals]).toHaveLength(2), quickly);
    expect(first.a.renewals).toEqual(first.b.renewals);
    const second = openTwoLinks({ proofs: ['known', 'known'] });
    await vi.waitFor(() => expect(second.a.renewals).toHaveLength(1), quickly);
    expect(second.a.renewals).not.toEqual(first.a.renewals);
  });

  it('gives none where digits or cameras confirmed it', async () => {
    const seen = openTwoLinks({ proofs: ['camera', 'camera'] });
    await vi.waitFor(() => expect(seen.a.commands.some((command) => command.do === 'authorize')).toBe(true), quickly);
    expect(seen.a.renewals).toEqual([]);
  });
});
