// Everything that Tincan's log can say. Closed on purpose: names, codes, addresses and paths are strings, and there is no
// field for a string; a transfer is called by its random id. tests/unit/host/log.test.ts walks the schema to hold that.

import { z } from 'zod';
import { engineCalls, uiCalls } from '../shared/ipc/contract.ts';
import { faultCodes } from '../shared/model/fault.ts';

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const transfer = z.string().regex(/^[0-9a-f]{32}$/);
const direction = z.enum(['send', 'receive']);

export type CallName = keyof typeof uiCalls | keyof typeof engineCalls;
const callNames = [...Object.keys(uiCalls), ...Object.keys(engineCalls)] as CallName[];
const platforms = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'haiku',
  'linux',
  'openbsd',
  'sunos',
  'win32',
  'cygwin',
  'netbsd',
];

/** Electron's words for why a page's process ended, and one for words of tomorrow. */
const pageEnds = [
  'abnormal-exit',
  'killed',
  'crashed',
  'oom',
  'launch-failed',
  'integrity-failure',
  'memory-eviction',
  'other',
] as const;

export const logEvent = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('started'),
    shell: z.enum(['electron', 'browser']),
    platform: z.enum(platforms as NodeJS.Platform[]),
    /** Major, minor, patch. */
    version: z.array(count).max(3).readonly(),
  }),
  z.strictObject({ is: z.literal('stopped') }),
  z.strictObject({ is: z.literal('launched-again'), paths: count, links: count }),
  z.strictObject({ is: z.literal('network-changed'), why: z.enum(['addresses', 'woke']) }),
  z.strictObject({ is: z.literal('page-crashed'), why: z.enum(pageEnds) }),
  z.strictObject({ is: z.literal('page-recovered'), crashes: count }),
  z.strictObject({ is: z.literal('page-given-up'), crashes: count }),
  /** Somebody who is not the page of the one window asked for something. */
  z.strictObject({ is: z.literal('sender-refused') }),
  /** The engine's page went away, for whatever reason; what moved is parked. */
  z.strictObject({ is: z.literal('engine-gone') }),
  z.strictObject({ is: z.literal('bridge-fault'), call: z.enum(callNames).nullable(), code: z.enum(faultCodes) }),
  z.strictObject({ is: z.literal('transfer-offered'), transfer, direction, bytes: count, files: count }),
  z.strictObject({ is: z.literal('transfer-started'), transfer, direction, bytes: count, blocksHeld: count }),
  z.strictObject({ is: z.literal('transfer-reopened'), transfer, direction }),
  z.strictObject({
    is: z.literal('transfer-ended'),
    transfer,
    direction,
    state: z.enum(['done', 'declined', 'cancelled', 'failed']),
    bytes: count,
    files: count,
  }),
  z.strictObject({ is: z.literal('update'), at: z.enum(['looking', 'found', 'fetching', 'ready', 'failed']) }),
  /** More happened at once than is written down. */
  z.strictObject({ is: z.literal('left-out'), events: count }),
]);
export type LogEvent = z.infer<typeof logEvent>;

export function pageEnd(reason: string): (typeof pageEnds)[number] {
  return pageEnds.find((known) => known === reason) ?? 'other';
}

export function versionNumbers(version: string): number[] {
  return version
    .split('.')
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 10) || 0);
}
