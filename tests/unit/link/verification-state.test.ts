// The greeting's table: what each state makes of each event.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GreetingEvent,
  type GreetingState,
  nextGreeting,
  startGreeting,
} from '../../../link/verification-state.ts';

const own = '0a'.repeat(32);
const theirs = '0b'.repeat(32);
const sum = 'cc'.repeat(32);

const commit: GreetingEvent = { is: 'commit', commitment: sum };
const nonce: GreetingEvent = { is: 'nonce', nonce: theirs, camera: false };
const reveal: GreetingEvent = { is: 'reveal', nonce: theirs, camera: false, commitment: sum };
const counted: GreetingEvent = { is: 'digits', digits: '123456' };
const ok: GreetingEvent = { is: 'ok' };
const match: GreetingEvent = { is: 'choice', choice: 'match' };
const skip: GreetingEvent = { is: 'choice', choice: 'skip' };
const malformed: GreetingEvent = { is: 'malformed' };
const everything = { commit, nonce, reveal, digits: counted, ok, match, skip, malformed };

function run(role: 'inviter' | 'replier', camera: boolean, ...events: readonly GreetingEvent[]) {
  let state = startGreeting(role, own, camera ? 'camera' : undefined);
  const effects: string[] = [];
  for (const event of events) {
    const step = nextGreeting(state, event);
    state = step.state;
    effects.push(...step.effects.map((effect) => effect.do));
  }
  return { state, effects };
}

const reached: Readonly<Record<GreetingState['at'], GreetingState>> = {
  'awaiting-commit': run('replier', false).state,
  'awaiting-nonce': run('inviter', false).state,
  'awaiting-reveal': run('replier', false, commit).state,
  counting: run('inviter', false, nonce).state,
  asking: run('inviter', false, nonce, counted).state,
  'waiting-for-peer': run('inviter', false, nonce, counted, match).state,
  settled: run('inviter', false, nonce, counted, match, ok).state,
  tampered: run('inviter', false, malformed).state,
};

/** Rows are states, columns events; a dot is "stays as it is". */
const table: Readonly<Record<GreetingState['at'], Readonly<Record<keyof typeof everything, string>>>> = {
  'awaiting-commit': {
    commit: 'awaiting-reveal',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  'awaiting-nonce': {
    commit: 'tampered',
    nonce: 'counting',
    reveal: 'tampered',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  'awaiting-reveal': {
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'counting',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  counting: {
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: 'asking',
    ok: '.',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  asking: {
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: '.',
    match: 'waiting-for-peer',
    skip: 'waiting-for-peer',
    malformed: 'tampered',
  },
  'waiting-for-peer': {
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: 'settled',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  settled: {
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: '.',
  },
  tampered: { commit: '.', nonce: '.', reveal: '.', digits: '.', ok: '.', match: '.', skip: '.', malformed: '.' },
};

describe('the greeting as a table', () => {
  for (const [at, row] of Object.entries(table) as [GreetingState['at'], (typeof table)['asking']][]) {
    for (const [name, target] of Object.entries(row) as [keyof typeof everything, string][]) {
      it(`${at} + ${name} -> ${target === '.' ? 'stays' : target}`, () => {
        const step = nextGreeting(reached[at], everything[name]);
        expect(step.state.at).toBe(target === '.' ? at : target);
        expect(step.effects.some((effect) => effect.do === 'abort')).toBe(target === 'tampered');
      });
    }
  }
});

describe('the greeting', () => {
  it('runs commit, nonce, reveal, and opens the gate after both said ok', () => {
    expect(run('inviter', false, nonce, counted, match, ok).effects).toEqual([
      'send-reveal',
      'count-digits',
      'send-ok',
      'open-gate',
    ]);
    expect(run('replier', false, commit, reveal, counted, ok, skip).effects).toEqual([
      'send-nonce',
      'count-digits',
      'send-ok',
      'open-gate',
    ]);
  });

  it('C14 remembers what the local person said, whatever the peer claims', () => {
    expect(run('replier', false, commit, reveal, counted, ok, skip).state).toMatchObject({ checked: 'unchecked' });
    expect(run('replier', false, commit, reveal, ok, counted).state.at).toBe('asking');
  });

  it('C13 refuses a reveal that does not fit the commitment', () => {
    expect(run('replier', false, commit, { ...reveal, commitment: 'dd'.repeat(32) }).state.at).toBe('tampered');
  });

  it('C13 refuses its own nonce reflected', () => {
    expect(run('inviter', false, { ...nonce, nonce: own }).state.at).toBe('tampered');
    expect(run('replier', false, commit, { ...reveal, nonce: own }).state.at).toBe('tampered');
  });

  it('skips the question only if both sides took the codes with the camera', () => {
    const seen: GreetingEvent = { ...nonce, camera: true };
    expect(run('inviter', true, seen, counted).state).toMatchObject({ at: 'waiting-for-peer', checked: 'camera' });
    expect(run('inviter', false, seen, counted).state.at).toBe('asking');
    expect(run('inviter', true, nonce, counted).state.at).toBe('asking');
  });

  it('never opens the gate without a local choice, whatever order events come in', () => {
    const peerOnly = [commit, nonce, reveal, counted, ok, malformed];
    fc.assert(
      fc.property(
        fc.constantFrom('inviter' as const, 'replier' as const),
        fc.array(fc.constantFrom(...peerOnly), { maxLength: 20 }),
        (role, events) => !run(role, false, ...events).effects.includes('open-gate'),
      ),
    );
  });

  it('opens the gate at most once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('inviter' as const, 'replier' as const),
        fc.boolean(),
        fc.array(fc.constantFrom(...Object.values(everything)), { maxLength: 30 }),
        (role, camera, events) =>
          run(role, camera, ...events).effects.filter((effect) => effect === 'open-gate').length <= 1,
      ),
    );
  });
});
