// What a transfer is called in a few words is true of its files, in every language.

import { describe, expect, it } from 'vitest';
import { openStrings } from '../../../renderer/ui/strings/strings.ts';
import { areOthersThere, statusText } from '../../../renderer/ui/transfer-status-text.ts';
import { languages } from '../../../shared/model/language.ts';
import { words } from '../../../shared/strings/languages.ts';

const receive = { direction: 'receive', files: 9, missing: 0 } as const;

describe.each(languages)('in %s', (language) => {
  const strings = openStrings(language, words[language]);

  it.each([1, 2, 3, 9])('what was cancelled with %i files in place says so', (inPlace) => {
    const plain = statusText({ ...receive, state: 'cancelled' }, strings);
    const said = statusText({ ...receive, state: 'cancelled', inPlace }, strings);
    expect(said).not.toBe(plain);
    if (inPlace > 2) expect(said).toContain(`${inPlace}`);
  });

  it('a folder that is gone is not called full', () => {
    const paused = { ...receive, state: 'paused', pause: 'disk' } as const;
    expect(statusText({ ...paused, isAway: true }, strings)).not.toBe(statusText(paused, strings));
  });

  it('a sender reads of their disk, never of its own, and each reason in words of its own', () => {
    const reasons = [{}, { isAway: true }, { isReady: true }];
    const here = reasons.map((why) => statusText({ ...receive, state: 'paused', pause: 'disk', ...why }, strings));
    const there = reasons.map((why) =>
      statusText({ ...receive, direction: 'send', state: 'paused', pause: 'disk', ...why }, strings),
    );
    expect(new Set([...here, ...there])).toHaveLength(6);
  });
});

it.each([
  ['done', 1, true],
  ['done', 9, false],
  ['failed', 1, false],
  ['cancelled', 1, false],
  ['receiving', 1, false],
] as const)(
  '%s with %i of nine files missing: that all others are there is said: %s',
  (state, fileFaultCount, isSaid) => {
    expect(areOthersThere({ state, fileFaultCount, wantedFiles: 9 })).toBe(isSaid);
  },
);

it.each(languages)('in %s a transfer without an empty folder is not called whole, and misses no file', (language) => {
  const strings = openStrings(language, words[language]);
  for (const direction of ['send', 'receive'] as const) {
    const done = { direction, files: 9, missing: 0, state: 'done' } as const;
    const said = statusText({ ...done, missingFolders: 3 }, strings);
    expect(said).toContain('3');
    expect(said).not.toBe(statusText(done, strings));
    expect(said).not.toBe(statusText({ ...done, missing: 3 }, strings));
  }
});
