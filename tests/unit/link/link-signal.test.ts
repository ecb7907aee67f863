// Link signals come from a stranger: the schema is the only door.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWire, readSignal, toWire } from '../../../link/link-signal.ts';
import { parseJson } from '../../../shared/wire/control-text.ts';
import {
  codeMaxCandidates,
  controlMaxDepth,
  controlMessageMaxBytes,
  standbyPairsKept,
} from '../../../shared/wire/limits.ts';

const fields = {
  ufrag: 'abcd',
  pwd: 'a'.repeat(24),
  fingerprint: new Uint8Array(32).fill(7),
  candidates: [{ kind: 'host', family: 4, address: '192.168.1.2', port: 50_000 }],
} as const;

const good = [
  { say: 'commit', commitment: 'ab'.repeat(32) },
  { say: 'nonce', nonce: 'ab'.repeat(32), camera: true },
  { say: 'reveal', nonce: 'ab'.repeat(32), camera: false },
  { say: 'ok' },
  { say: 'spares', spares: [{ pair: 1, fields: toWire(fields) }] },
  { say: 'lanes-wanted', count: 8 },
  { say: 'lane-offer', lane: 1, fields: toWire(fields) },
  { say: 'lane-answer', lane: 1, fields: toWire(fields) },
  { say: 'lane-up', lane: 1 },
  { say: 'lane-retire', lane: 1 },
  { say: 'lane-again', lane: 1 },
  { say: 'lane-empty', lane: 1 },
  { say: 'lane-close', lane: 1 },
  { say: 'goodbye', why: 'tampered' },
];

const bad: readonly [string, unknown][] = [
  ['a nonce of 31 bytes', { say: 'nonce', nonce: 'ab'.repeat(31), camera: false }],
  ['an upper-case nonce', { say: 'nonce', nonce: 'AB'.repeat(32), camera: false }],
  ['a key nobody asked for', { say: 'ok', verified: true }],
  ['a word nobody knows', { say: 'please' }],
  ['nine lanes', { say: 'lanes-wanted', count: 9 }],
  ['pair 0 (C17)', { say: 'spares', spares: [{ pair: 0, fields: toWire(fields) }] }],
  ['the same pair twice (C17)', { say: 'spares', spares: [1, 2, 1].map((pair) => ({ pair, fields: toWire(fields) })) }],
  ['four spares', { say: 'spares', spares: [1, 2, 3, 4].map((pair) => ({ pair, fields: toWire(fields) })) }],
  [
    'a line break in the user fragment',
    { say: 'lane-offer', lane: 1, fields: { ...toWire(fields), ufrag: 'ab\r\na=x' } },
  ],
  [
    'seventeen candidates',
    { say: 'lane-offer', lane: 1, fields: { ...toWire(fields), candidates: Array(17).fill(fields.candidates[0]) } },
  ],
  [
    'a line break in an address',
    {
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], address: '1.2.3.4\r\na=setup:active' }] },
    },
  ],
  [
    'an address with a zone',
    {
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], family: 6, address: 'fe80::1%eth0' }] },
    },
  ],
  [
    'a loopback address',
    {
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], address: '127.0.0.1' }] },
    },
  ],
  [
    'a multicast address',
    {
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], address: '224.0.0.1' }] },
    },
  ],
  [
    'a privileged port',
    { say: 'lane-offer', lane: 1, fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], port: 53 }] } },
  ],
  [
    'a host name',
    {
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ ...fields.candidates[0], address: 'example.org' }] },
    },
  ],
];

/** Every one of these is loopback, unspecified, IPv4 in disguise, link-local or multicast, in some spelling. */
const hostileV6 = [
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '0::1',
  '::0.0.0.1',
  '::',
  '0:0:0:0:0:0:0:0',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:7f00:1',
  '0:0::FFFF:192.168.1.1',
  '::127.0.0.1',
  'fe80::1',
  'FE80:0:0:0:0:0:0:1',
  'febf::1',
  'ff02::1',
  'FF02:0:0:0:0:0:0:1',
];

describe('link signals', () => {
  it.each(hostileV6)('refuse the IPv6 address %s (C15)', (address) => {
    const offer = (text: string) => ({
      say: 'lane-offer',
      lane: 1,
      fields: { ...toWire(fields), candidates: [{ kind: 'host', family: 6, address: text, port: 50_000 }] },
    });
    expect(readSignal(offer('2001:db8::1'))).toBeDefined();
    expect(readSignal(offer(address))).toBeUndefined();
  });

  it.each(good)('reads $say', (signal) => {
    expect(readSignal(signal)).toEqual(signal);
  });

  it.each(bad)('refuses %s', (_, signal) => {
    expect(readSignal(signal)).toBeUndefined();
  });

  it('never throws on whatever JSON a stranger sends', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => readSignal(value) === undefined));
  });

  it('fits the largest signal into one control message', () => {
    const full = { ...toWire(fields), candidates: Array(codeMaxCandidates).fill(fields.candidates[0]) };
    const spares = Array.from({ length: standbyPairsKept }, (_, at) => ({ pair: at + 1, fields: full }));
    const text = JSON.stringify({ type: 'link', body: { say: 'spares', spares } });
    expect(text.length).toBeLessThan(controlMessageMaxBytes);
    expect(parseJson(text, controlMaxDepth)).toHaveProperty('value');
    expect(readSignal({ say: 'spares', spares })).toBeDefined();
  });

  it('carries session fields there and back', () => {
    expect(fromWire(toWire(fields))).toEqual(fields);
  });
});
