// SHA-256 where a page has no secure context: the same as the platform's.

import { afterEach, expect, it, vi } from 'vitest';
import { sha256, toHex } from '../../../shared/model/bytes.ts';

afterEach(() => vi.unstubAllGlobals());

it('is the same without the platform', async () => {
  const pieces = [0, 1, 55, 56, 63, 64, 65, 1000, 1_048_576].map((length) =>
    Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255),
  );
  const wanted = await Promise.all(pieces.map(async (piece) => toHex(await sha256(piece))));
  vi.stubGlobal('crypto', {});
  expect(await Promise.all(pieces.map(async (piece) => toHex(await sha256(piece))))).toEqual(wanted);
  expect(toHex(await sha256(new TextEncoder().encode('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
