// Two names that some disk takes for one have one key, and the shortcuts that make the key quickly do not change it.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { collisionKey } from '../../../shared/model/name-rules.ts';
import { utf8Bytes } from '../../../shared/model/utf8.ts';

const fold = (name: string) => name.toUpperCase().toLowerCase();
const twiceFolded = (name: string) =>
  fold(fold(name.normalize('NFKD')).normalize('NFKD'))
    .normalize('NFKD')
    .replace(/ı/g, 'i')
    .replace(/ς/g, 'σ');

function* signs(): Generator<string> {
  for (let point = 0; point < 0x20000; point += 1) {
    if (point < 0xd800 || point > 0xdfff) yield String.fromCodePoint(point);
  }
}

it('is the name folded twice, whatever sign stands in it', () => {
  const others: string[] = [];
  for (const sign of signs()) {
    for (const name of [sign, `a${sign}I`, `Σ${sign}`, `${sign}Σ`]) {
      if (collisionKey(name) !== twiceFolded(name)) others.push(name);
    }
  }
  expect(others).toEqual([]);
}, 60_000);

it('of a numbered name is made of the keys of what stands before and behind the number', () => {
  const part = fc.string({ unit: fc.constantFrom(...'aZΑΣσς.ıİßﬁ\u0345\u0301\u0307é👩\u200D ') });
  fc.assert(
    fc.property(part, part, (stem, ending) => {
      const extension = ending === '' ? '' : `.${ending}`;
      const whole = `${collisionKey(stem)} (7)${collisionKey(extension)}`;
      expect(collisionKey(`${stem} (7)${extension}`)).toBe(whole);
    }),
    { numRuns: 3_000 },
  );
});

it('bytes in UTF-8 are counted as they are written, of halves of pairs too', () => {
  const halves = ['\ud800', '\udc00', 'a\ud800b', '\ud800\ud800\udc00', '\udc00\udc00\ud800\udc00\udc00'];
  const wrong = [...signs(), ...halves].filter((text) => utf8Bytes(text) !== Buffer.byteLength(text));
  expect(wrong).toEqual([]);
});
