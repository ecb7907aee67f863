// What was picked becomes chips; what is in a folder goes out in the order in which people list it.

import { describe, expect, it } from 'vitest';
import { toOutboxItems, withDistinctNames } from '../../../renderer/state/outbox-item.ts';

const orderOf = (paths: readonly string[]) => {
  const files = paths.map((path) => ({ path: path.split('/'), file: new File([], path) }));
  const [folder] = toOutboxItems({ files, emptyFolders: [] }, () => 'id');
  return folder?.from === 'page' ? folder.files.map(({ path }) => path.join('/')) : [];
};

describe('a folder that was picked', () => {
  it('lists its files by name and number, however the browser found them', () => {
    expect(orderOf(['a/note-10.txt', 'a/note-9.txt', 'a/Äpfel.txt', 'a/note-100.txt'])).toEqual([
      'a/Äpfel.txt',
      'a/note-9.txt',
      'a/note-10.txt',
      'a/note-100.txt',
    ]);
  });

  it('keeps together what lies in one folder, also where names differ only in case', () => {
    expect(orderOf(['a/b/2', 'a/B/1', 'a/b/1', 'a/B/2', 'a/b'])).toEqual(['a/b', 'a/b/1', 'a/b/2', 'a/B/1', 'a/B/2']);
  });
});

describe('things of one name that were picked one after the other', () => {
  const picked = (...paths: string[]) => ({
    files: paths.map((path) => ({ path: path.split('/'), file: new File([], path) })),
    emptyFolders: [],
  });
  const pathsOf = ({ files }: ReturnType<typeof withDistinctNames>) => files.map(({ path }) => path.join('/'));

  it('go in one offer under names of their own', () => {
    const all = [picked('x.txt'), picked('x.txt'), picked('x (2).txt'), picked('a/1', 'a/2'), picked('a/1')];
    expect(pathsOf(withDistinctNames(all))).toEqual(['x.txt', 'x (2).txt', 'x (2) (2).txt', 'a/1', 'a/2', 'a (2)/1']);
  });

  it('take no longer when there are thousands', () => {
    const all = Array.from({ length: 20_000 }, () => picked('x.txt'));
    const names = pathsOf(withDistinctNames(all));
    expect(new Set(names).size).toBe(20_000);
    expect(names.at(-1)).toBe('x (20000).txt');
  });
});
