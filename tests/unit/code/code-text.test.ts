import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeBytes, decodeCode, encodeCode } from '../../../shared/code/code-text.ts';
import type { Candidate, LinkCode } from '../../../shared/code/link-code.ts';
import { pastedCodeMaxChars } from '../../../shared/wire/limits.ts';
import { hostV4, sampleCode, sampleCodes } from './sample-codes.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const faultOf = (text: string) => {
  const decoded = decodeCode(text);
  return decoded.ok ? 'taken' : decoded.fault.code;
};

describe('a written code', () => {
  it('is at most 170 characters for one IPv4, one IPv6 and one public address', () => {
    expect(encodeCode(sampleCode()).length).toBeLessThanOrEqual(170);
  });

  it('fits the alphanumeric mode of a QR code', () => {
    for (const code of sampleCodes) expect(encodeCode(code)).toMatch(/^[0-9A-Z $%*+\-./:]+$/);
  });

  it('reads back as what was written, to the byte', () => {
    for (const code of sampleCodes) {
      expect(decodeCode(encodeCode(code))).toEqual({ ok: true, code, bytes: codeBytes(code), foreign: false });
    }
  });

  it('reads back whatever its fields are', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        expect(decodeCode(encodeCode(code))).toMatchObject({ ok: true, code });
      }),
      {
        numRuns: 2000,
      },
    );
  });

  it('refuses to be written from fields that no description has', () => {
    const wrong: readonly Partial<LinkCode>[] = [
      { ufrag: 'a\r\nb' },
      { ufrag: 'abc' },
      { pwd: 'short' },
      { pwd: `${'x'.repeat(23)}\n` },
      { fingerprint: new Uint8Array(31) },
      { sessionId: new Uint8Array(9) },
    ];
    for (const fields of wrong) expect(() => encodeCode(sampleCode(fields))).toThrow();
  });

  it('cuts a name between whole characters and strips what could hide or overwrite', () => {
    const nameOf = (name: string) => {
      const decoded = decodeCode(encodeCode(sampleCode({ name })));
      return decoded.ok ? decoded.code.name : decoded.fault.code;
    };
    expect(nameOf('👩‍👩‍👧‍👦👩‍👩‍👧‍👦')).toBeUndefined();
    expect(nameOf('abcde 👩‍👩‍👧')).toBe('abcde 👩‍👩‍👧');
    expect(nameOf('é'.repeat(13))).toBe('é'.repeat(12));
    expect(nameOf('\u202eevil\u0000\n')).toBe('evil');
    expect(nameOf(' \u200b ')).toBeUndefined();
  });
});

describe('a damaged code', () => {
  it('is refused for every wrong character at every place (K3)', () => {
    let tried = 0;
    for (const code of sampleCodes) {
      const text = encodeCode(code);
      for (let at = 7; at < text.length; at += 1) {
        for (const char of alphabet) {
          if (char === text[at]) continue;
          expect(faultOf(text.slice(0, at) + char + text.slice(at + 1))).not.toBe('taken');
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(14_000);
  });

  it('is refused for every swap of neighbours, every missing and every doubled character (K3)', () => {
    for (const code of sampleCodes) {
      const text = encodeCode(code);
      for (let at = 7; at < text.length; at += 1) {
        const [before, char, after] = [text.slice(0, at), text[at]!, text.slice(at + 1)];
        expect(faultOf(before + after)).not.toBe('taken');
        expect(faultOf(before + char + char + after)).not.toBe('taken');
        if (after !== '' && after[0] !== char)
          expect(faultOf(before + after[0] + char + after.slice(1))).not.toBe('taken');
      }
    }
  });

  it('is called incomplete, with how much is there, wherever it is cut (K2)', () => {
    for (const code of sampleCodes) {
      const text = encodeCode(code);
      for (let length = 0; length < text.length; length += 1) {
        const decoded = decodeCode(text.slice(0, length));
        const expected = length < 7 ? 'code-not-ours' : 'code-incomplete';
        expect(decoded).toMatchObject({ ok: false, fault: { code: expected } });
        if (length > 10) expect(decoded).toMatchObject({ fault: { detail: { have: length, need: text.length } } });
      }
    }
  });

  it('is refused when its spare bits are not zero', () => {
    const text = encodeCode(sampleCodes[1]!);
    expect(((text.length - 7) * 5) % 8).not.toBe(0);
    const last = alphabet.indexOf(text.at(-1)!);
    expect(faultOf(text.slice(0, -1) + alphabet[last | 1])).toBe('code-damaged');
  });
});

describe('strangers’ text', () => {
  it.each([
    ['K1 nothing', '', 'code-not-ours'],
    ['K1 spaces', '   \n', 'code-not-ours'],
    ['K1 one character', 'x', 'code-not-ours'],
    ['K1 emoji', '🥫🧵🥫', 'code-not-ours'],
    ['K1 a word', 'hello', 'code-not-ours'],
    ['K1 our name in a sentence', 'tincan: hello, are you there?', 'code-not-ours'],
    ['K10 a magnet link', 'magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a', 'code-not-ours'],
    ['K10 a web address', 'https://example.org/TINCAN', 'code-not-ours'],
    ['K16 a newer version', `TINCAN:${'8'.repeat(160)}`, 'code-newer-version'],
    ['K16 version zero', `TINCAN:${'0'.repeat(160)}`, 'code-newer-version'],
    ['K12 K13 ten million characters', 'A'.repeat(10_000_000), 'code-too-long'],
    ['K12 one character too many', 'A'.repeat(pastedCodeMaxChars + 1), 'code-too-long'],
    ['K19 a deep link with options', 'tincan:x" --no-sandbox', 'code-not-ours'],
    ['K19 a deep link with a null', 'tincan://%00', 'code-incomplete'],
    ['K10 an offer without a description', '{"type":"offer"}', 'code-foreign-sdp'],
    ['K14 no certificate', encodeCode(sampleCode({ fingerprint: new Uint8Array(32) })), 'code-malformed'],
    ['K15 no candidates', encodeCode(sampleCode({ candidates: [] })), 'code-unusable'],
  ])('%s is refused by its kind', (_what, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('never throws and is never taken, 100 000 times', () => {
    const text = encodeCode(sampleCode());
    const pieces = fc.constantFrom(
      'TINCAN:',
      'tincan://',
      // Far enough apart that no run of single characters between them ever makes the code whole again.
      text.slice(7, 40),
      text.slice(60),
      '&#x',
      '&#1114112;',
      '<b',
      '{"sdp":',
      'v=0\r\n',
      '\ud800',
    );
    const junk = fc.array(
      fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(...alphabet)),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(junk, (parts) => {
        expect(faultOf(parts.join(''))).not.toBe('taken');
      }),
      { numRuns: 100_000 },
    );
  }, 120_000);
});

const credential = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz019+/'), minLength, maxLength });
const port = fc.integer({ min: 1024, max: 65_535 });
const v4 = fc
  .tuple(fc.integer({ min: 1, max: 126 }), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((parts) => parts.join('.'));
const v6 = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { minLength: 7, maxLength: 7 })
  .map((groups) => ['2001', ...groups.map((group) => group.toString(16))].join(':'));
const anyCandidate: fc.Arbitrary<Candidate> = fc.oneof(
  fc.record({ kind: fc.constantFrom('host', 'srflx', 'relay'), family: fc.constant(4 as const), address: v4, port }),
  fc.record({ kind: fc.constantFrom('host', 'srflx', 'relay'), family: fc.constant(6 as const), address: v6, port }),
  fc.record({
    kind: fc.constant('host' as const),
    family: fc.constant('mdns' as const),
    address: fc.uuid().map((id) => `${id}.local`),
    port,
  }),
);
const anyCode: fc.Arbitrary<LinkCode> = fc
  .record({
    kind: fc.constantFrom('invite' as const, 'reply' as const),
    sessionId: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    fingerprint: fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => bytes.some((byte) => byte !== 0)),
    ufrag: credential(4, 32),
    pwd: credential(22, 64),
    candidates: fc.uniqueArray(anyCandidate, {
      minLength: 1,
      maxLength: 16,
      selector: ({ kind, address, port: at }) => `${kind} ${address} ${at}`,
    }),
    name: fc.option(fc.constantFrom('Bob', 'Zoë', '机', hostV4.address), { nil: undefined }),
  })
  .map(({ name, ...code }) => (name === undefined ? code : { ...code, name }));
