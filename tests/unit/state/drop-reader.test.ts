// Dropped folders of thousands of files: the browser is asked for many at once, and what was dropped keeps its order.

import { describe, expect, it } from 'vitest';
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

describe('more than may be sent at once', () => {
  const asked = { now: 0, most: 0 };
  const many = (count: number) => Array.from({ length: count }, (_, at) => file(`${at}`, asked));
  const refuse = (_: unknown, reject: (error: Error) => void) => setImmediate(() => reject(new Error('NotFoundError')));
  const shut = (name: string) =>
    ({
      name,
      isFile: false,
      isDirectory: true,
      createReader: () => ({ readEntries: refuse }),
    }) as unknown as FileSystemEntry;

  it.each([
    ['one folder', () => [folder('a', many(manifestMaxEntries + 1))]],
    ['lone files', () => many(manifestMaxEntries + 1)],
    [
      'a folder of which a part cannot be read',
      () => [
        folder('a', [...Array.from({ length: 100 }, (_, at) => shut(`s${at}`)), ...many(manifestMaxEntries + 50)]),
      ],
    ],
    ['two folders', () => [folder('a', many(manifestMaxEntries)), folder('b', many(1))]],
  ] as const)('is refused for its number, and not cut: %s', async (_, entries) => {
    await expect(walkDrop({ entries: entries(), files: [] })).rejects.toMatchObject({ code: 'manifest-too-large' });
  });

  it('is not what may just be sent', async () => {
    const { files } = await walkDrop({ entries: [folder('a', many(manifestMaxEntries))], files: [] });
    expect(files).toHaveLength(manifestMaxEntries);
  });
});
