// What two links say to each other over the control channel, and the only door such bodies come in through.
// Strict objects: a key that is not named here refuses the whole signal.

import type { SessionFields } from '../shared/code/link-code.ts';
import { fromHex, toHex } from '../shared/model/bytes.ts';
import { z } from '../shared/model/schema.ts';
import { codeMaxCandidates, lanesMax, sparesKept } from '../shared/wire/limits.ts';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const small = z.int().min(0).max(0xffff_ffff);
/** Lower ports belong to services; checks sent there would be knocking on somebody's door. */
const port = z.int().min(1024).max(65_535);
/** Numbers and, where mDNS hides them, a `.local` name of fixed shape: no other name may make us ask a resolver. */
const v4 = z.ipv4().refine((text) => {
  const [first = 0] = text.split('.').map(Number);
  return first > 0 && first !== 127 && first < 224;
});
const v6 = z.ipv6().refine((text) => !/^(::1?$|::ffff:|ff)/i.test(text));
const mdnsName = z.string().regex(/^[0-9a-f-]{36}\.local$/);

const reflected = z.enum(['srflx', 'relay']);
const candidate = z.union([
  z.strictObject({ kind: z.literal('host'), family: z.literal(4), address: v4, port }),
  z.strictObject({ kind: z.literal('host'), family: z.literal(6), address: v6, port }),
  z.strictObject({ kind: z.literal('host'), family: z.literal('mdns'), address: mdnsName, port }),
  z.strictObject({ kind: reflected, family: z.literal(4), address: v4, port }),
  z.strictObject({ kind: reflected, family: z.literal(6), address: v6, port }),
]);

/** Session fields as JSON carries them. Alphabets are ICE's own, so nothing can break out of a rebuilt description. */
const wireFields = z.strictObject({
  ufrag: z.string().regex(/^[A-Za-z0-9+/]{4,32}$/),
  pwd: z.string().regex(/^[A-Za-z0-9+/]{22,64}$/),
  fingerprint: hex32,
  candidates: z.array(candidate).max(codeMaxCandidates),
});
export type WireFields = z.infer<typeof wireFields>;

export const linkSignal = z.discriminatedUnion('say', [
  // greeting
  z.strictObject({ say: z.literal('commit'), commitment: hex32 }),
  z.strictObject({ say: z.literal('nonce'), nonce: hex32, camera: z.boolean() }),
  z.strictObject({ say: z.literal('reveal'), nonce: hex32, camera: z.boolean() }),
  z.strictObject({ say: z.literal('ok') }),
  // remembering
  z.strictObject({ say: z.literal('remember'), share: hex32 }),
  z.strictObject({ say: z.literal('remember-not') }),
  // healing
  z.strictObject({
    say: z.literal('spares'),
    spares: z.array(z.strictObject({ pair: small, fields: wireFields })).max(sparesKept),
  }),
  // lanes
  z.strictObject({ say: z.literal('lanes-wanted'), count: z.int().min(1).max(lanesMax) }),
  z.strictObject({ say: z.literal('lane-offer'), lane: small, fields: wireFields }),
  z.strictObject({ say: z.literal('lane-answer'), lane: small, fields: wireFields }),
  z.strictObject({ say: z.literal('lane-up'), lane: small }),
  z.strictObject({ say: z.literal('lane-retire'), lane: small }),
  z.strictObject({ say: z.literal('lane-again'), lane: small }),
  z.strictObject({ say: z.literal('lane-empty'), lane: small }),
  z.strictObject({ say: z.literal('lane-close'), lane: small }),
  z.strictObject({ say: z.literal('goodbye'), why: z.literal('tampered') }),
]);
export type LinkSignal = z.infer<typeof linkSignal>;
export type GreetingSignal = Extract<LinkSignal, { say: 'commit' | 'nonce' | 'reveal' | 'ok' }>;
export type LaneSignal = Extract<LinkSignal, { say: 'lanes-wanted' | `lane-${string}` }>;

/** The signal, or nothing when it is not one. */
export function readSignal(body: unknown): LinkSignal | undefined {
  const read = linkSignal.safeParse(body);
  return read.success ? read.data : undefined;
}

export function toWire(fields: SessionFields): WireFields {
  return {
    ufrag: fields.ufrag,
    pwd: fields.pwd,
    fingerprint: toHex(fields.fingerprint),
    candidates: fields.candidates.slice(0, codeMaxCandidates).map((each) => ({ ...each })),
  };
}

export function fromWire(fields: WireFields): SessionFields {
  return { ...fields, fingerprint: fromHex(fields.fingerprint) };
}
