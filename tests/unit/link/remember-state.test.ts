// The table of remembering: both people, one link, or nothing.

import { describe, expect, it } from 'vitest';
import { nextRemember, type RememberEvent, type RememberState } from '../../../link/remember-state.ts';

const states: Readonly<Record<RememberState['at'], RememberState>> = {
  closed: { at: 'closed' },
  open: { at: 'open', binding: 'cc' },
  waiting: { at: 'waiting', binding: 'cc', mine: 'aa' },
  asked: { at: 'asked', binding: 'cc', theirs: 'bb' },
  agreed: { at: 'agreed', binding: 'cc', mine: 'aa', theirs: 'bb' },
  unkept: { at: 'unkept', binding: 'cc', mine: 'aa', theirs: 'bb' },
  declined: { at: 'declined', binding: 'cc' },
};
const events: Readonly<Record<RememberEvent['is'], RememberEvent>> = {
  checked: { is: 'checked', binding: 'cc' },
  wanted: { is: 'wanted', mine: 'aa' },
  refused: { is: 'refused' },
  heard: { is: 'heard', theirs: 'bb' },
  'heard-not': { is: 'heard-not' },
  'not-kept': { is: 'not-kept' },
  switched: { is: 'switched' },
};

/** Rows are states; a dot is "stays, and nothing is done". */
const table: Readonly<Record<RememberState['at'], Readonly<Record<RememberEvent['is'], string>>>> = {
  closed: {
    ...{ checked: 'open', wanted: '.', refused: '.', heard: 'closed say-not' },
    ...{ 'heard-not': '.', 'not-kept': '.', switched: '.' },
  },
  open: {
    ...{ checked: '.', wanted: 'waiting say', refused: '.', heard: 'asked' },
    ...{ 'heard-not': '.', 'not-kept': '.', switched: '.' },
  },
  waiting: {
    ...{ checked: '.', wanted: '.', refused: '.', heard: 'agreed keep' },
    ...{ 'heard-not': 'declined', 'not-kept': '.', switched: 'waiting say' },
  },
  asked: {
    ...{ checked: '.', wanted: 'agreed say keep', refused: 'declined say-not', heard: '.' },
    ...{ 'heard-not': 'open', 'not-kept': '.', switched: '.' },
  },
  agreed: {
    ...{ checked: '.', wanted: '.', refused: '.', heard: '.' },
    ...{ 'heard-not': '.', 'not-kept': 'unkept', switched: 'agreed say' },
  },
  unkept: {
    ...{ checked: '.', wanted: 'agreed keep', refused: '.', heard: '.' },
    ...{ 'heard-not': '.', 'not-kept': '.', switched: 'unkept say' },
  },
  declined: {
    ...{ checked: '.', wanted: 'waiting say', refused: '.', heard: 'asked' },
    ...{ 'heard-not': '.', 'not-kept': '.', switched: '.' },
  },
};

describe('remembering', () => {
  for (const [at, row] of Object.entries(table)) {
    for (const [is, wanted] of Object.entries(row)) {
      it(`in ${at}, on ${is}: ${wanted}`, () => {
        const before = states[at as RememberState['at']];
        const { state, effects } = nextRemember(before, events[is as RememberEvent['is']]);
        if (wanted === '.') expect({ state, effects }).toEqual({ state: before, effects: [] });
        else expect([state.at, ...effects.map((effect) => effect.do)].join(' ')).toBe(wanted);
      });
    }
  }

  it('makes the secret of both shares and of the link they met on', () => {
    const { effects } = nextRemember(states.asked, events.wanted);
    expect(effects).toContainEqual({ do: 'keep', binding: 'cc', mine: 'aa', theirs: 'bb' });
  });

  it('keeps the same secret when the person tries again what could not be stored', () => {
    const again = nextRemember(states.unkept, { is: 'wanted', mine: 'dd' });
    expect(again).toEqual({ state: states.agreed, effects: [{ do: 'keep', binding: 'cc', mine: 'aa', theirs: 'bb' }] });
  });

  it('says no again to the question that was refused, and asks the person where the other one asks anew', () => {
    const refused = nextRemember(states.asked, events.refused).state;
    expect(nextRemember(refused, events.heard)).toEqual({ state: refused, effects: [{ do: 'say-not' }] });
    expect(nextRemember(refused, { is: 'heard', theirs: 'ee' }).state.at).toBe('asked');
  });

  it('says the same share again over another connection', () => {
    expect(nextRemember(states.agreed, events.switched).effects).toEqual([{ do: 'say', share: 'aa' }]);
  });
});
