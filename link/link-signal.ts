// What two links say to each other over the control channel, and the only door such bodies come in through.
// Strict objects: a key that is not named here refuses the whole signal.

import { usableCandidate } from '../shared/code/candidates.ts';
import type { Candidate, SessionFields } from '../shared/code/link-code.ts';
import { fromHex, toHex } from '../shared/model/bytes.ts';
import { onFirstUse } from '../shared/model/on-first-use.ts';
import { z } from '../shared/model/schema.ts';
import { codeMaxCandidates, lanesMax, standbyPairsKept } from '../shared/wire/limits.ts';

/** Made for the first link: a screen with a code needs none of it. */
export const linkSignal = onFirstUse(() => {
  const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
  const small = z.int().min(0).max(0xffff_ffff);
  /** A lane's or a standby connection's number. Pair 0 is the first connection of the link itself. */
  const pairNumber = z.int().min(1).max(0xffff_ffff);

  /**
   * What codes allow, judged by the same parser: an IPv6 address has many spellings, and a peer must not be able to name
   * this machine, a whole network, a low port, or a host name that a resolver would be asked for.
   */
  const candidate = z
    .strictObject({
      kind: z.enum(['host', 'srflx', 'relay']),
      family: z.union([z.literal(4), z.literal(6), z.literal('mdns')]),
      address: z.string().max(45),
      port: z.int(),
    })
    .transform((each, context) => {
      const usable = usableCandidate(each as Candidate);
      if (usable !== undefined) return usable;
      context.addIssue({ code: 'custom', message: 'a candidate that must not be used' });
      return z.NEVER;
    });

  /** Session fields as JSON carries them. Alphabets are ICE's own, so nothing can break out of a rebuilt description. */
  const wireFields = z.strictObject({
    ufrag: z.string().regex(/^[A-Za-z0-9+/]{4,32}$/),
    pwd: z.string().regex(/^[A-Za-z0-9+/]{22,64}$/),
    fingerprint: hex32,
    candidates: z.array(candidate).max(codeMaxCandidates),
  });

  return z.discriminatedUnion('say', [
    // verification
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
      spares: z
        .array(z.strictObject({ pair: pairNumber, fields: wireFields }))
        .max(standbyPairsKept)
        .refine((spares) => new Set(spares.map(({ pair }) => pair)).size === spares.length),
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
});
export type LinkSignal = z.infer<ReturnType<typeof linkSignal>>;
export type WireFields = Extract<LinkSignal, { say: 'lane-offer' }>['fields'];
export type VerificationSignal = Extract<LinkSignal, { say: 'commit' | 'nonce' | 'reveal' | 'ok' }>;
export type LaneSignal = Extract<LinkSignal, { say: 'lanes-wanted' | `lane-${string}` }>;

/** The signal, or nothing when it is not one. */
export function readSignal(body: unknown): LinkSignal | undefined {
  const read = linkSignal().safeParse(body);
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
