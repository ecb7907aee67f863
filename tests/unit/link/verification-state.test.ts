// The verification's table: what each state makes of each event.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextVerification,
  startVerificationState,
  type VerificationEvent,
  type VerificationState,
} from '../../../link/verification-state.ts';

const own = '0a'.repeat(32);
const theirs = '0b'.repeat(32);
const sum = 'cc'.repeat(32);

const commit: VerificationEvent = { is: 'commit', commitment: sum };
const nonce: VerificationEvent = { is: 'nonce', nonce: theirs, camera: false };
const reveal: VerificationEvent = { is: 'reveal', nonce: theirs, camera: false, commitment: sum };
const counted: VerificationEvent = { is: 'digits', digits: '123456' };
const ok: VerificationEvent = { is: 'ok' };
const match: VerificationEvent = { is: 'choice', choice: 'match' };
const skip: VerificationEvent = { is: 'choice', choice: 'skip' };
const malformed: VerificationEvent = { is: 'malformed' };
const begin: VerificationEvent = { is: 'begin' };
const deadline: VerificationEvent = { is: 'deadline' };
const close: VerificationEvent = { is: 'close' };
const everything = { begin, deadline, close, commit, nonce, reveal, digits: counted, ok, match, skip, malformed };

function run(role: 'inviter' | 'replier', camera: boolean, ...events: readonly VerificationEvent[]) {
  let state = startVerificationState(role, own, camera ? 'camera' : undefined);
  const effects: string[] = [];
  for (const event of role === 'inviter' ? [begin, ...events] : events) {
    const step = nextVerification(state, event);
    state = step.state;
    effects.push(...step.effects.map((effect) => effect.do));
  }
  return { state, effects };
}

const reached: Readonly<Record<VerificationState['at'], VerificationState>> = {
  starting: startVerificationState('inviter', own, undefined),
  'awaiting-commit': run('replier', false).state,
  'awaiting-nonce': run('inviter', false).state,
  'awaiting-reveal': run('replier', false, commit).state,
  counting: run('inviter', false, nonce).state,
  asking: run('inviter', false, nonce, counted).state,
  'waiting-for-peer': run('inviter', false, nonce, counted, match).state,
  settled: run('inviter', false, nonce, counted, match, ok).state,
  tampered: run('inviter', false, malformed).state,
  late: run('inviter', false, deadline).state,
  closed: run('inviter', false, close).state,
};

/** Rows are states, columns events; a dot is "stays as it is". */
const table: Readonly<Record<VerificationState['at'], Readonly<Record<keyof typeof everything, string>>>> = {
  starting: {
    begin: 'awaiting-nonce',
    deadline: 'late',
    close: 'closed',
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: 'tampered',
  },
  'awaiting-commit': {
    begin: '.',
    deadline: 'late',
    close: 'closed',
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
    begin: '.',
    deadline: 'late',
    close: 'closed',
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
    begin: '.',
    deadline: 'late',
    close: 'closed',
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
    begin: '.',
    deadline: '.',
    close: 'closed',
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
    begin: '.',
    deadline: '.',
    close: 'closed',
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
    begin: '.',
    deadline: '.',
    close: 'closed',
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
    begin: '.',
    deadline: '.',
    close: 'closed',
    commit: 'tampered',
    nonce: 'tampered',
    reveal: 'tampered',
    digits: '.',
    ok: 'tampered',
    match: '.',
    skip: '.',
    malformed: '.',
  },
  tampered: {
    begin: '.',
    deadline: '.',
    close: '.',
    commit: '.',
    nonce: '.',
    reveal: '.',
    digits: '.',
    ok: '.',
    match: '.',
    skip: '.',
    malformed: '.',
  },
  late: {
    begin: '.',
    deadline: '.',
    close: '.',
    commit: '.',
    nonce: '.',
    reveal: '.',
    digits: '.',
    ok: '.',
    match: '.',
    skip: '.',
    malformed: '.',
  },
  closed: {
    begin: '.',
    deadline: '.',
    close: '.',
    commit: '.',
    nonce: '.',
    reveal: '.',
    digits: '.',
    ok: '.',
    match: '.',
    skip: '.',
    malformed: '.',
  },
};

describe('the verification as a table', () => {
  for (const [at, row] of Object.entries(table) as [VerificationState['at'], (typeof table)['asking']][]) {
    for (const [name, target] of Object.entries(row) as [keyof typeof everything, string][]) {
      it(`${at} + ${name} -> ${target === '.' ? 'stays' : target}`, () => {
        const step = nextVerification(reached[at], everything[name]);
        expect(step.state.at).toBe(target === '.' ? at : target);
        const failures = step.effects.flatMap((effect) => (effect.do === 'fail' ? [effect.why] : []));
        expect(failures).toEqual(target === 'tampered' || target === 'late' ? [target] : []);
      });
    }
  }
});

describe('the verification', () => {
  it('runs commit, nonce, reveal, and is confirmed after both said ok', () => {
    expect(run('inviter', false, nonce, counted, match, ok).effects).toEqual([
      'send-commit',
      'send-reveal',
      'count-digits',
      'send-ok',
      'confirm',
    ]);
    expect(run('replier', false, commit, reveal, counted, ok, skip).effects).toEqual([
      'send-nonce',
      'count-digits',
      'send-ok',
      'confirm',
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
    const seen: VerificationEvent = { ...nonce, camera: true };
    expect(run('inviter', true, seen, counted).state).toMatchObject({ at: 'waiting-for-peer', checked: 'camera' });
    expect(run('inviter', false, seen, counted).state.at).toBe('asking');
    expect(run('inviter', true, nonce, counted).state.at).toBe('asking');
  });

  it('is never confirmed without a local choice, whatever order events come in', () => {
    const peerOnly = [commit, nonce, reveal, counted, ok, malformed];
    fc.assert(
      fc.property(
        fc.constantFrom('inviter' as const, 'replier' as const),
        fc.array(fc.constantFrom(...peerOnly), { maxLength: 20 }),
        (role, events) => !run(role, false, ...events).effects.includes('confirm'),
      ),
    );
  });

  it('is confirmed at most once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('inviter' as const, 'replier' as const),
        fc.boolean(),
        fc.array(fc.constantFrom(...Object.values(everything)), { maxLength: 30 }),
        (role, camera, events) =>
          run(role, camera, ...events).effects.filter((effect) => effect === 'confirm').length <= 1,
      ),
    );
  });
});
