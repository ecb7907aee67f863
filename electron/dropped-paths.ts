// Paths the preload resolved from a drop, parsed from unknown: a bounded list of absolute paths, or nothing at all.

import path from 'node:path';
import { pathsMax } from '../shared/wire/limits.ts';

const pathMaxChars = 32_768;

export function readDroppedPaths(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new Error('not a list of files');
  return value.slice(0, pathsMax).map((item: unknown) => {
    const isPath =
      typeof item === 'string' && item.length <= pathMaxChars && path.isAbsolute(item) && !item.includes('\0');
    if (!isPath) throw new Error('not a file on this computer');
    return item;
  });
}
