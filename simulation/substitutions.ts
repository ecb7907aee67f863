// Changes source text while it is loaded: the bounds of a simulated run are smaller, so that a transfer of many blocks costs
// little; and a mutant is planted in the same way.

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export type Substitution = { readonly file: string; readonly from: string; readonly to: string };

export const root = fileURLToPath(new URL('../', import.meta.url));

const smaller: Readonly<Record<string, string>> = {
  blockBytes: '4096',
  creditMaxBlocks: '6',
  laneBufferHighBytes: '12_000',
  laneBufferLowBytes: '6_000',
  laneMessageBytes: '3_000',
  packedFileMaxBytes: '6_000',
  smallReadMaxBytes: '2_000',
  smallReadsFrom: '3',
  sourceHandlesMax: '3',
  openPartsMax: '3',
  journalEveryBlocks: '3',
  packStretchBytes: '8_192',
  syncTogetherFrom: '12',
  syncEveryFiles: '16',
  filesMadeAtOnce: '8',
  filesMadeBehindMax: '32',
  roomCheckEveryBlocks: '4',
  publishAtOnce: '4',
  logFileMaxBytes: '8_192',
};

const limits = `${root}shared/wire/limits.ts`;
const byFile = new Map<string, (text: string) => string>([[limits, makeSmaller]]);

/** The text of a file as the program has it. */
export function loadedText(file: string): string {
  const text = readFileSync(file, 'utf8');
  return byFile.get(file)?.(text) ?? text;
}

/** Must run before the files are loaded. Throws for a text that is not there exactly once. */
export function substitute(mutants: readonly Substitution[]): void {
  for (const { file, from, to } of mutants) {
    const before = byFile.get(root + file);
    byFile.set(root + file, (text) => {
      const parts = (before?.(text) ?? text).split(from);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
      return parts.join(to);
    });
  }
  for (const file of byFile.keys()) loadedText(file);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const change = url.startsWith('file:') ? byFile.get(fileURLToPath(url)) : undefined;
      if (change === undefined || loaded.source === undefined || loaded.source === null) return loaded;
      return { ...loaded, source: change(Buffer.from(loaded.source as Uint8Array).toString()) };
    },
  });
}

function makeSmaller(text: string): string {
  let changed = text;
  for (const [name, value] of Object.entries(smaller)) {
    const pattern = new RegExp(`(export const ${name} = )[^;]+;`);
    if (!pattern.test(changed)) throw new Error(`there is no bound ${name}`);
    changed = changed.replace(pattern, `$1${value};`);
  }
  return changed;
}
