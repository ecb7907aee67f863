// Where a character begins, as the system's own tables have it.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { graphemeStart } from '../../../shared/model/grapheme.ts';

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
const signs = [
  ...['a', '1', ' ', '.', 'é', 'ü', '語', 'ß', 'Σ', 'ﷺ', 'e\u0301', '\u0323', '\u20DD', '\u0345'],
  ...['👩', '👩🏽', '❤\uFE0F', '\u200D', '👨\u200D👩\u200D👧', '#\uFE0F\u20E3', '\u{1F3FB}', '🇩🇪', '🇩', '🇫🇷🇫'],
  ...['한', '각', '가', '\u1112', '\u1161', '\u11AB', 'क', '\u094D', 'ष', 'क्ष', 'नि', 'ก', '\u0E33', '\u0903'],
];

it('is found anywhere in a text of joined and marked signs', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...signs), { maxLength: 12 }), fc.nat(), (parts, where) => {
      const text = parts.join('');
      // Between two code points, as a cut by bytes falls.
      const places = [0];
      for (const sign of text) places.push(places.at(-1)! + sign.length);
      const at = places[where % places.length]!;
      const begins = at === text.length ? at : segments.segment(text).containing(at)!.index;
      expect(graphemeStart(text, at)).toBe(begins);
    }),
    { numRuns: 20_000 },
  );
});

it('is found at once behind thousands of marks', () => {
  const text = `e${'\u0301'.repeat(200_000)}`;
  expect(graphemeStart(text, text.length - 1)).toBe(0);
});
