// The control messages between two peers: JSON texts on the control channel, told apart by `type`.
// One strict schema per message; a name that begins with "x-" is optional and ignored, any other unknown one is refused.

import { faultCodes } from '../model/fault.ts';
import { z } from '../model/schema.ts';
import { parseJson } from './control-text.ts';
import {
  controlMaxDepth,
  controlMessageMaxBytes,
  manifestMaxEntries,
  resumeClaimsMax,
  thumbnailMaxChars,
} from './limits.ts';

export const wireVersion = 1;

/** Features that a hello may name. */
export const directLaneFeature = 'direct-lane';
export const thumbnailFeature = 'thumbnails';
/** It knows every reason to pause that there is. */
export const pauseReasonsFeature = 'pause-reasons';
/** It confirms each note that it has whole. */
export const noteReceiptsFeature = 'note-receipts';
/** The other side is a page without a program behind it. */
export const guestPageFeature = 'guest-page';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const transfer = hex(16);
const u32 = z.int().min(0).max(0xffff_ffff);
const index = z.int().min(0).max(manifestMaxEntries);
const count = z.int().min(0);
/** Codes from the peer: an unknown one of a newer version reads as "internal" and is never shown as text. */
const code = z.enum(faultCodes).catch('internal');
const ranges = z.array(z.tuple([u32, u32])).max(4096);
/** More entries than a manifest may hold are declined like any long list; saying so is no violation. */
const totals = z.strictObject({ files: count, folders: count, bytes: count });
const fault = z.strictObject({ index, code });
/**
 * The last three only to a peer whose hello has the feature `pause-reasons`: the receiver's folder is gone, files get no place in it yet,
 * or a person cancels and may still take that back.
 */
const pauseReason = z.enum(['person', 'disk', 'source', 'folder', 'publish', 'cancel']);
export type PauseReason = z.infer<typeof pauseReason>;

const messages = [
  z.strictObject({ type: z.literal('link'), body: z.record(z.string().max(64), z.unknown()) }),
  z.strictObject({ type: z.literal('ping'), n: u32 }),
  z.strictObject({ type: z.literal('pong'), n: u32 }),
  z.strictObject({ type: z.literal('bye') }),
  z.object({
    type: z.literal('hello'),
    version: z.int(),
    app: z.string().max(64),
    name: z.string().max(256),
    features: z.array(z.string().max(64)).max(32),
  }),
  /** Only to a peer whose hello has the feature `direct-lane`: where our host listens, and the certificate that it shows. */
  z.strictObject({ type: z.literal('direct'), fingerprint: hex(32), port: z.int().min(1024).max(65_535) }),
  z.strictObject({ type: z.literal('claims'), claims: z.array(hex(32)).max(resumeClaimsMax) }),
  z.strictObject({
    type: z.literal('offer'),
    transfer,
    tag: u32,
    secret: hex(32),
    title: z.string().max(1024),
    totals,
    skipped: count,
  }),
  z.strictObject({
    type: z.literal('manifest'),
    transfer,
    part: u32,
    last: z.boolean(),
    entries: z.array(z.unknown()).max(4096),
  }),
  /** Only to a peer whose hello has the feature `thumbnails`: a small picture of one file of the offer, in base64. */
  z.strictObject({ type: z.literal('thumbnail'), transfer, index, image: z.string().min(1).max(thumbnailMaxChars) }),
  z.strictObject({ type: z.literal('choose'), transfer, ranges }),
  z.strictObject({ type: z.literal('held'), transfer, ranges }),
  z.strictObject({ type: z.literal('accept'), transfer, tag: u32, all: z.boolean(), credit: z.int().min(1).max(4096) }),
  z.strictObject({ type: z.literal('decline'), transfer, code: code.optional() }),
  z.strictObject({ type: z.literal('digest-request'), transfer, indexes: z.array(index).min(1).max(256) }),
  z.strictObject({ type: z.literal('digests'), transfer, digests: z.array(hex(32).nullable()).max(256) }),
  z.strictObject({ type: z.literal('stored'), transfer, tag: u32, ranges, credit: z.int().min(1).max(4096) }),
  z.strictObject({ type: z.literal('nack'), transfer, tag: u32, block: u32, why: z.enum(['damaged', 'unwritten']) }),
  z.strictObject({
    type: z.literal('pause'),
    transfer,
    why: pauseReason,
    neededBytes: count.optional(),
    freeBytes: count.optional(),
  }),
  z.strictObject({ type: z.literal('resume'), transfer, why: pauseReason }),
  z.strictObject({ type: z.literal('cancel'), transfer, code: code.optional() }),
  z.strictObject({ type: z.literal('file-faults'), transfer, faults: z.array(fault).min(1).max(512) }),
  z.strictObject({ type: z.literal('complete'), transfer, tag: u32, root: hex(32) }),
  z.strictObject({
    type: z.literal('delivered'),
    transfer,
    root: hex(32),
    faults: z.array(fault).max(512),
    faultCount: index,
  }),
  z.strictObject({ type: z.literal('closed'), transfer }),
  z.strictObject({ type: z.literal('continue'), transfer, tag: u32 }),
  z.strictObject({ type: z.literal('again'), transfer }),
  /** `note`: in the last part, and only to a peer whose hello has the feature `note-receipts`. */
  z.strictObject({ type: z.literal('text'), part: u32, last: z.boolean(), text: z.string(), note: hex(16).optional() }),
  z.strictObject({ type: z.literal('text-received'), note: hex(16) }),
] as const;

export const controlSchema = z.discriminatedUnion('type', messages);
export type ControlMessage = z.infer<typeof controlSchema>;
export type ControlType = ControlMessage['type'];
export type ControlOf<T extends ControlType> = Extract<ControlMessage, { type: T }>;

export type Parsed =
  | { readonly is: 'message'; readonly message: ControlMessage }
  | { readonly is: 'ignored' }
  | { readonly is: 'refused'; readonly why: string };

export function parseControl(text: string): Parsed {
  if (text.length > controlMessageMaxBytes) return { is: 'refused', why: 'control message too large' };
  if (new TextEncoder().encode(text).byteLength > controlMessageMaxBytes || !text.isWellFormed())
    return { is: 'refused', why: 'control message too large or not text' };
  const json = parseJson(text, controlMaxDepth);
  if ('refused' in json) return { is: 'refused', why: json.refused };
  const parsed = controlSchema.safeParse(json.value);
  if (parsed.success) return { is: 'message', message: parsed.data };
  return isOptional(json.value) ? { is: 'ignored' } : { is: 'refused', why: 'control message of no known shape' };
}

export function encodeControl(message: ControlMessage): string {
  return JSON.stringify(message);
}

function isOptional(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return false;
  const { type } = value as { type: unknown };
  return typeof type === 'string' && type.startsWith('x-');
}
