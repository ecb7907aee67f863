// The only door through which a peer's manifest entries become ours: unknown in, ManifestEntry or a refusal out.
// Checks shape and bounds. What a name may be called here is decided in wire-path.ts.

import { manifestMaxEntries, pathMaxBytes, pathMaxDepth } from '../wire/limits.ts';
import { Fault } from './fault.ts';
import type { ManifestEntry } from './manifest.ts';
import { z } from './schema.ts';

const component = z
  .string()
  .min(1)
  .max(pathMaxBytes)
  .refine((text) => text.isWellFormed(), 'lone surrogate');
const path = z.array(component).min(1).max(pathMaxDepth);
const mtimeMs = z.int();
const size = z
  .int()
  .min(0)
  .refine((value) => !Object.is(value, -0), 'minus zero');

const entrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), path, size, mtimeMs, executable: z.boolean() }),
  z.strictObject({ kind: z.literal('folder'), path, mtimeMs }),
]);

/** Parses one part of a manifest; `alreadyHeld` entries came before it. */
export function parseManifestEntries(part: unknown, alreadyHeld: number): ManifestEntry[] {
  if (!Array.isArray(part)) throw new Fault('manifest-invalid', 'a manifest part is not a list');
  if (alreadyHeld + part.length > manifestMaxEntries) throw new Fault('manifest-too-large', 'too many entries');
  return part.map((raw, at) => {
    const parsed = entrySchema.safeParse(raw);
    if (!parsed.success) {
      throw new Fault('manifest-invalid', `entry ${alreadyHeld + at}: ${parsed.error.issues[0]?.message ?? 'invalid'}`);
    }
    return parsed.data;
  });
}

/** The sum is exact or the manifest is refused: a total beyond safe integers cannot be laid out. */
export function sumOfSizes(entries: readonly ManifestEntry[]): number {
  let sum = 0n;
  for (const entry of entries) if (entry.kind === 'file') sum += BigInt(entry.size);
  if (sum > BigInt(Number.MAX_SAFE_INTEGER)) throw new Fault('manifest-invalid', 'sizes add up beyond any disk');
  return Number(sum);
}

/** One text per manifest, equal on both sides whatever the key order of the parts was. Its SHA-256 is the manifest's digest. */
export function manifestLine(entry: ManifestEntry): string {
  const path = JSON.stringify(entry.path);
  return entry.kind === 'file'
    ? `f ${entry.size} ${entry.mtimeMs} ${entry.executable ? 'x' : '-'} ${path}\n`
    : `d ${entry.mtimeMs} ${path}\n`;
}
