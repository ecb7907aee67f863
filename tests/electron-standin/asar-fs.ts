// Node's `fs` as Electron patches it (lib/node/asar-fs-wrapper.ts): a path with a component named `*.asar` that is no folder
// leads into an archive, unless `process.noAsar` is set in the process or thread that asks. The root of an archive is a folder; a
// file that is no archive is "Invalid package" and cannot be looked at, opened or made. What Electron leaves alone (rename,
// unlink, link, mkdir outside an archive) is left alone.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import workerThreads from 'node:worker_threads';

type Entry = { readonly size?: number; readonly files?: Readonly<Record<string, Entry>> };
type Place = { readonly asarPath: string; readonly filePath: string };
type AnyFunction = (...args: never[]) => unknown;

/** Before the patch. */
export const originalFs: typeof fs = { ...fs, promises: { ...fs.promises } };

export function patchFs(): void {
  const { promises } = originalFs;
  const patch = <T extends object>(
    on: T,
    name: keyof T,
    inArchive: (place: Place, args: readonly unknown[]) => unknown,
  ) => {
    const whole = on[name] as AnyFunction;
    on[name] = ((...args: unknown[]) => {
      const place = splitPath(args[0]);
      return place === undefined ? whole.apply(on, args as never[]) : inArchive(place, args);
    }) as T[keyof T];
  };
  const stat = (place: Place, args: readonly unknown[]) => {
    const { files, size = 0 } = find(place);
    return statsLike(files === undefined ? place.asarPath : undefined, size, args[1]);
  };
  const list = (place: Place, args: readonly unknown[]) => {
    const names = Object.keys(find(place).files ?? {});
    const options = args[1] as { readonly encoding?: string } | undefined;
    return options?.encoding === 'buffer' ? names.map((name) => Buffer.from(name)) : names;
  };
  const open = (place: Place) => {
    const { files } = find(place);
    throw files === undefined
      ? fail('EACCES', 'permission denied')
      : fail('EISDIR', 'illegal operation on a directory');
  };
  for (const name of ['stat', 'lstat'] as const) {
    patch(fs, `${name}Sync`, stat);
    patch(fs.promises, name, async (place, args) => stat(place, args));
  }
  patch(fs, 'readdirSync', list);
  patch(fs.promises, 'readdir', async (place, args) => list(place, args));
  patch(fs, 'openSync', open);
  patch(fs.promises, 'open', async (place) => open(place));
  patch(fs.promises, 'readFile', async (place) => open(place));
  patch(fs, 'existsSync', (place) => {
    try {
      return find(place) !== undefined;
    } catch {
      return false;
    }
  });
  patch(fs.promises, 'realpath', async ({ asarPath, filePath }) =>
    path.join(await promises.realpath(path.dirname(asarPath)), path.basename(asarPath), filePath),
  );
  patchWorkers();
  syncBuiltinESMExports();
}

/** Threads have the same patched `fs`, each with a `process.noAsar` of its own. */
function patchWorkers(): void {
  const { Worker } = workerThreads;
  const here = JSON.stringify(import.meta.filename);
  const patched = `process.getBuiltinModule('node:module').createRequire(${here})(${here}).patchFs();`;
  workerThreads.Worker = class extends Worker {
    constructor(script: string | URL, options?: ConstructorParameters<typeof Worker>[1]) {
      if (options?.eval !== true) throw new Error('the stand-in patches threads that are made from a text only');
      super(`${patched}\n${script}`, options);
    }
  };
}

function splitPath(value: unknown): Place | undefined {
  if (process.noAsar) return undefined;
  const whole = Buffer.isBuffer(value) ? value.toString() : value instanceof URL ? value.pathname : value;
  if (typeof whole !== 'string') return undefined;
  const parts = path.normalize(whole).split(path.sep);
  for (let at = parts.length; at > 0; at -= 1) {
    // A name that is nothing but the extension has none.
    if (!/.\.asar$/i.test(parts[at - 1]!)) continue;
    const asarPath = parts.slice(0, at).join(path.sep);
    if (originalFs.statSync(asarPath, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return { asarPath, filePath: parts.slice(at).join(path.sep) };
    }
  }
  return undefined;
}

function find({ asarPath, filePath }: Place): Entry {
  let entry: Entry | undefined = readHeader(asarPath);
  for (const name of filePath.split(path.sep).filter(Boolean)) entry = entry?.files?.[name];
  if (entry === undefined) throw fail('ENOENT', `${filePath} not found in ${asarPath}`);
  return entry;
}

function readHeader(asarPath: string): Entry {
  try {
    const bytes = originalFs.readFileSync(asarPath);
    const headerBytes = bytes.readUInt32LE(12);
    return JSON.parse(bytes.subarray(16, 16 + headerBytes).toString()) as Entry;
  } catch {
    throw new Error(`Invalid package ${asarPath}`);
  }
}

/** Stats of a file or a folder that exists, with the size of the entry. */
function statsLike(file: string | undefined, size: number, options: unknown): fs.Stats | fs.BigIntStats {
  const bigint = (options as { readonly bigint?: boolean } | undefined)?.bigint === true;
  const stats = originalFs.statSync(file ?? path.sep, { bigint: bigint as true });
  return Object.assign(stats, { size: bigint ? BigInt(size) : size });
}

function fail(code: string, message: string): Error {
  return Object.assign(new Error(`${code}, ${message}`), { code });
}
