// One screen pairs: what each code that comes in does, and which connection becomes the link.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPairing, type PairingEvent, type PairingState, startPairing } from '../../../link/pairing-state.ts';
import { liveCodesMax } from '../../../shared/wire/limits.ts';

function run(events: readonly PairingEvent[], from: PairingState = startPairing) {
  let state = from;
  let last: readonly string[] = [];
  for (const event of events) {
    const step = nextPairing(state, event);
    state = step.state;
    last = step.effects.map((effect) =>
      'connection' in effect
        ? `${effect.do} ${effect.connection}`
        : 'code' in effect
          ? `${effect.do} ${effect.code}`
          : effect.do,
    );
  }
  return { state, last };
}

const fresh = (id: number): PairingEvent => ({ is: 'new-code', fresh: id });
const made = (id: number, session: string): PairingEvent => ({
  is: 'made',
  connection: id,
  session,
  fingerprint: `fp${id}`,
});
const invite = (session: string, id: number): PairingEvent => ({
  is: 'take',
  kind: 'invite',
  session,
  fingerprint: `their-${session}`,
  fresh: id,
});
const reply = (session: string, id = 99, fingerprint = `their-reply-${session}`): PairingEvent => ({
  is: 'take',
  kind: 'reply',
  session,
  fingerprint,
  fresh: id,
});
const up = (id: number): PairingEvent => ({ is: 'up', connection: id });

const ready = [fresh(1), made(1, 's1')];
const replied = [...ready, invite('x', 2), made(2, 'x')];

describe('one-screen pairing', () => {
  it('makes an invite at once and shows it', () => {
    const { state, last } = run([fresh(1)]);
    expect(last).toEqual(['make-invite 1']);
    expect(state.front).toBe(1);
  });

  it('keeps the reply that a person waits with, however many replies nobody asked for are made', () => {
    const calls = Array.from({ length: 3 * liveCodesMax }, (_, at) => at + 10).flatMap((id) => [
      { ...invite(`call-${id}`, id), quiet: true } as PairingEvent,
      made(id, `call-${id}`),
    ]);
    const { state } = run([...replied, ...calls]);
    expect(state.front).toBe(2);
    expect(state.candidates.filter(({ role }) => role === 'replier').length).toBeLessThanOrEqual(liveCodesMax);
    expect(state.candidates.map(({ connection }) => connection)).toContain(2);
  });

  it('makes a reply that nobody asked for without taking the invite off the screen', () => {
    const { state, last } = run([...ready, { ...invite('x', 2), quiet: true } as PairingEvent]);
    expect(last).toEqual(['make-reply 2']);
    expect(state.front).toBe(1);
    expect(run([made(2, 'x'), up(2)], state).last).toEqual(['close 1', 'win 2']);
  });

  it('makes a reply on a connection of its own and keeps the invite alive', () => {
    const { state } = run(replied);
    expect(state.front).toBe(2);
    expect(state.candidates.map(({ role, at }) => `${role} ${at}`)).toEqual(['inviter waiting', 'replier waiting']);
    expect(run([...replied, reply('s1')]).last).toEqual(['take-reply 1']);
  });

  it('wins with the first connection that comes up and closes the rest', () => {
    const { state, last } = run([...replied, up(2)]);
    expect(state.at).toBe('won');
    expect(last).toEqual(['close 1', 'win 2']);
  });

  describe('when both people took both replies', () => {
    const both = [...replied, reply('s1')];

    it('keeps the smaller session at once where that is up, whichever came first', () => {
      expect(run([...both, up(1)]).last).toEqual(['close 2', 'win 1']);
      expect(run([...both, up(2), up(1)]).last).toEqual(['close 2', 'win 1']);
    });

    it('waits for the smaller session where only the other one is up, and not for ever', () => {
      expect(run([...both, up(2)]).last).toEqual(['decide-later']);
      expect(run([...both, up(2), { is: 'decide' }]).last).toEqual(['close 1', 'win 2']);
    });

    it('does not wait for a connection that is gone', () => {
      expect(run([...both, { is: 'gone', connection: 1, fresh: 7 }, up(2)]).last).toContain('win 2');
    });
  });

  it('shows the same reply again when the same invite is taken again', () => {
    const { state, last } = run([...replied, invite('x', 3)]);
    expect(last).toEqual([]);
    expect(state.candidates).toHaveLength(2);
    expect(state.front).toBe(2);
  });

  const refusals: readonly [string, readonly PairingEvent[], string][] = [
    ['its own invite', [...ready, { ...invite('s1', 2), fingerprint: 'fp1' } as PairingEvent], 'code-own'],
    ['its own reply', [...replied, reply('x', 9, 'fp2')], 'code-own'],
    [
      'its own invite of before',
      [...ready, fresh(2), { ...invite('s1', 3), fingerprint: 'fp1' } as PairingEvent],
      'code-own',
    ],
    ['a reply to an invite it never made', [...ready, reply('zz')], 'code-other-invite'],
    ['a reply to an invite it threw away', [...ready, fresh(2), made(2, 's2'), reply('s1')], 'code-other-invite'],
    ['the same reply twice', [...ready, reply('s1'), reply('s1')], 'code-used'],
    ['a second reply to one invite', [...ready, reply('s1'), reply('s1', 9, 'somebody-else')], 'code-used'],
    ['any code once it has won', [...ready, reply('s1'), up(1), invite('q', 7)], 'code-used'],
  ];
  for (const [what, events, code] of refusals) {
    it(`refuses ${what} and changes nothing`, () => {
      const before = run(events.slice(0, -1)).state;
      const { state, last } = run(events.slice(-1), before);
      expect(last).toEqual([`refuse ${code}`]);
      expect(state).toEqual(before);
    });
  }

  it('remembers used codes when the link has ended and new codes are made', () => {
    const { state } = run([...replied, up(2), fresh(5), made(5, 's5')]);
    expect(run([invite('x', 6)], state).last).toEqual(['refuse code-used']);
    expect(run([reply('s1')], state).last).toEqual(['refuse code-other-invite']);
  });

  it('keeps older invites alive when addresses change, up to a bound', () => {
    const events: PairingEvent[] = [...ready];
    for (let id = 2; id <= liveCodesMax + 2; id += 1) {
      events.push({ is: 'addresses-changed', fresh: id }, made(id, `s${id}`));
    }
    const { state } = run(events);
    expect(state.candidates.map(({ session }) => session)).toEqual(['s3', 's4', 's5', 's6']);
    expect(run([reply('s3')], state).last).toEqual(['take-reply 3']);
    expect(run([reply('s1')], state).last).toEqual(['refuse code-other-invite']);
  });

  it('goes on showing the reply when addresses change', () => {
    expect(run([...replied, { is: 'addresses-changed', fresh: 3 }, made(3, 's3')]).state.front).toBe(2);
  });

  it('makes a new invite when the attempt on show is gone', () => {
    expect(run([...ready, { is: 'gone', connection: 1, fresh: 2 }]).last).toEqual(['close 1', 'make-invite 2']);
    expect(run([...replied, { is: 'gone', connection: 2, fresh: 3 }]).state.front).toBe(1);
  });

  it('stays bounded and never wins twice, whatever comes', () => {
    const id = fc.integer({ min: 1, max: 12 });
    const session = fc.constantFrom('s1', 's2', 's3', 'x', 'y', 'z');
    const anyEvent: fc.Arbitrary<PairingEvent> = fc.oneof(
      id.map((at): PairingEvent => ({ is: 'addresses-changed', fresh: at })),
      fc.tuple(id, session).map(([at, s]) => made(at, s)),
      fc.tuple(session, id).map(([s, at]) => invite(s, at)),
      session.map((s) => reply(s)),
      id.map(up),
      fc.constant<PairingEvent>({ is: 'decide' }),
      fc.tuple(id, id).map(([at, f]): PairingEvent => ({ is: 'gone', connection: at, fresh: f })),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        let state = startPairing;
        let wins = 0;
        for (const event of events) {
          const step = nextPairing(state, event);
          state = step.state;
          wins += step.effects.filter((effect) => effect.do === 'win').length;
          expect(state.candidates.length).toBeLessThanOrEqual(liveCodesMax * 2);
        }
        expect(wins).toBeLessThanOrEqual(1);
      }),
    );
  });
});
