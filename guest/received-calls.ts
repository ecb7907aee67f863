// What the guest page asks of its host beyond the contract of all shells: to save what was received. Blobs and folders pass only
// between threads of one page, so these calls have a port of their own.

import { call } from '../shared/ipc/calls.ts';
import { z } from '../shared/model/schema.ts';
import { manifestMaxEntries } from '../shared/wire/limits.ts';

const transfer = z.string().regex(/^[0-9a-f]{32}$/);
const index = z.int().min(0).max(manifestMaxEntries);

export const receivedCalls = {
  'received.files': call(z.strictObject({ transfer })).returns<
    readonly { readonly index: number; readonly path: readonly string[]; readonly size: number }[]
  >(),
  'received.file': call(z.strictObject({ transfer, index })).returns<Blob>(),
  'received.zip': call(z.strictObject({ transfer })).returns<Blob>(),
  'received.toFolder': call(
    z.strictObject({ transfer, folder: z.custom<FileSystemDirectoryHandle>((value) => typeof value === 'object') }),
  ).returns<void>(),
  'received.discard': call(z.strictObject({ transfer })).returns<void>(),
} as const;

export type ReceivedCalls = typeof receivedCalls;
