// A folder that has everything a folder can have, and the digests by which its copies are compared.

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../e2e/instance.ts';
import { sha256Of, treeOf } from '../e2e/pairing.ts';
import { readZip } from './read-zip.ts';

/** Bytes above one block, many small files, an empty folder, an empty file, names of several scripts. */
export function makeFolder(): string {
  const folder = path.join(temporaryFolder('source'), 'Urlaub 旅行');
  mkdirSync(path.join(folder, 'empty'), { recursive: true });
  mkdirSync(path.join(folder, 'day 1'));
  writeFileSync(path.join(folder, 'film.bin'), randomBytes(5_000_001));
  writeFileSync(path.join(folder, 'nothing.txt'), '');
  for (let at = 0; at < 40; at += 1) writeFileSync(path.join(folder, 'day 1', `${at} ملف.txt`), `file ${at}`);
  return folder;
}

/** Every file below a folder, by its path from that folder's parent. */
export async function hashesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const parent = path.dirname(folder);
  const top = `${path.basename(folder)}/`;
  const names = (await treeOf(parent)).filter((name) => name.startsWith(top) && !name.endsWith('/'));
  return new Map(
    await Promise.all(names.map(async (name) => [name, await sha256Of(path.join(parent, name))] as const)),
  );
}

export function zipHashes(zip: Buffer): ReadonlyMap<string, string> {
  const files = readZip(zip).filter(({ name }) => !name.endsWith('/'));
  return new Map(files.map(({ name, bytes }) => [name, createHash('sha256').update(bytes).digest('hex')]));
}
