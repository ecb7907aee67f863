// Whether opening something that was received may start a program: then a person confirms it first. And which links are opened.

import path from 'node:path';
import { Fault } from '../shared/model/fault.ts';
import { canRunPrograms } from '../shared/model/name-flags.ts';
import type { Disk } from './disk/disk.ts';

const anyExecuteBit = 0o111;

export async function mayRunPrograms(disk: Disk, target: string): Promise<boolean> {
  if (canRunPrograms(path.basename(target))) return true;
  const { kind, mode } = await disk.factsBehindLinks(target);
  // Windows has no such bit, and Node shows one that it makes up from the name.
  return kind === 'file' && process.platform !== 'win32' && (mode & anyExecuteBit) !== 0;
}

/** A link to the web and nothing else. Without a name and a password: they make one address look like another. */
export function webLink(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isWeb = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  if (parsed === undefined || !isWeb || parsed.username !== '' || parsed.password !== '') {
    throw new Fault('bridge-refused', 'only links to the web are opened');
  }
  return parsed.href;
}
