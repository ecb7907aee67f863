// Dropped folders of thousands of files: the browser is asked for many at once, and what was dropped keeps its order.

import { expect, it } from 'vitest';
import { walkDrop } from '../../../renderer/state/drop-reader.ts';
import { droppedFilesAtOnce, manifestMaxEntries } from '../../../shared/wire/limits.ts';

type Asked = { now: number; most: number };

/** Answers later, as another process does. */
function file(name: string, asked: Asked): FileSystemEntry {
  const entry = {
    name,
    isFile: true,
    isDirectory: false,
    file(resolve: (file: File) => void) {
      asked.now += 1;
      asked.most = Math.max(asked.most, asked.now);
      setImmediate(() => {
        asked.now -= 1;
        resolve(new File([name], name));
      });
    },
  };
  return entry as unknown as FileSystemEntry;
}

/** Hands its children out a hundred at a time. */
function folder(name: string, children: readonly FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    let given = 0;
    return {
      readEntries(resolve: (some: readonly FileSystemEntry[]) => void) {
        const some = children.slice(given, given + 100);
        given += some.length;
        resolve(some);
      },
    };
  };
  return { name, isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
}

it('a dropped folder is asked for many files at once, within a bound, and keeps its order', async () => {
  const asked = { now: 0, most: 0 };
  const many = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, at) => file(`${prefix}${at}`, asked));
  const root = folder('a', [...many('x', 150), folder('empty', []), folder('b', many('y', 3)), ...many('z', 2)]);
  const { files, emptyFolders } = await walkDrop({ entries: [root], files: [] });
  const named = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);
  expect(files.map(({ path }) => path.join('/'))).toEqual([
    ...named('a/x', 150),
    ...named('a/b/y', 3),
    ...named('a/z', 2),
  ]);
  expect(files.map(({ path, file }) => path.at(-1) === file?.name).every(Boolean)).toBe(true);
  expect(emptyFolders).toEqual([['a', 'empty']]);
  expect(asked.most).toBeGreaterThan(1);
  expect(asked.most).toBeLessThanOrEqual(droppedFilesAtOnce);
});

it('names what cannot be read, and brings the rest', async () => {
  const asked = { now: 0, most: 0 };
  const refuse = (_: unknown, reject: (error: Error) => void) => setImmediate(() => reject(new Error('NotFoundError')));
  const gone = { name: 'gone', isFile: true, isDirectory: false, file: refuse } as unknown as FileSystemEntry;
  const createReader = () => ({ readEntries: refuse });
  const shut = { name: 'shut', isFile: false, isDirectory: true, createReader } as unknown as FileSystemEntry;
  const { files } = await walkDrop({ entries: [folder('a', [file('x', asked), gone, shut])], files: [] });
  expect(files.map(({ path, file }) => [path.join('/'), file?.name])).toEqual([
    ['a/x', 'x'],
    ['a/gone', undefined],
    ['a/shut', undefined],
  ]);
  await expect(walkDrop({ entries: [gone, shut], files: [] })).rejects.toThrow();
});

it('brings more than may be sent at once where there is more, so that nothing is left out without a word', async () => {
  const asked = { now: 0, most: 0 };
  const many = Array.from({ length: manifestMaxEntries + 500 }, (_, at) => file(`${at}`, asked));
  const { files } = await walkDrop({ entries: [folder('a', many)], files: [] });
  expect(files.length).toBeGreaterThan(manifestMaxEntries);
});
