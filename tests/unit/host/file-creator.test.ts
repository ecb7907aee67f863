// The function that makes whole files out of the pack and the parts, on a real disk; where a disk has to fail, it is the
// real one with a single call that does.

import fs, {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInThread, type FileBatch, type FileToCreate } from '../../../host/sink/file-creator.ts';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-make-'));
  writeFileSync(at('pack'), 'onetwothree');
  writeFileSync(at('7.part'), 'large');
  mkdirSync(at('tree'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const mtimeMs = 1_500_000_000_000;
function file(name: string, from: FileToCreate['from'], size: number): FileToCreate {
  return { target: at('tree', name), from, size, mode: 0o640, mtimeMs };
}

function batch(files: readonly FileToCreate[], more: Partial<FileBatch> = {}): FileBatch {
  return { pack: at('pack'), stretchBytes: 6, folders: [], files, beside: null, ...more };
}

/** The real one, with one call that answers differently. */
function diskWith(calls: Partial<typeof fs>): typeof fs {
  return { ...fs, ...calls };
}

const failing = () => {
  throw Object.assign(new Error('EIO'), { code: 'EIO' });
};

describe('whole files', () => {
  it('have their bytes, their time and their mode, whether they lie side by side or not', () => {
    const files = [
      file('one', { offset: 0 }, 3),
      file('none', { offset: 0 }, 0),
      file('three', { offset: 6 }, 5),
      file('part', { part: at('7.part') }, 5),
    ];
    expect(createInThread(fs, batch(files))).toEqual([]);
    expect(['one', 'none', 'three', 'part'].map((name) => readFileSync(at('tree', name), 'utf8'))).toEqual([
      ...['one', '', 'three', 'large'],
    ]);
    for (const { target } of files) {
      expect([statSync(target).mtimeMs, statSync(target).mode & 0o777]).toEqual([mtimeMs, 0o640]);
    }
    expect(existsSync(at('7.part'))).toBe(false);
  });

  it('are made anew where an interrupted run left something, which may have a second name by now', () => {
    writeFileSync(at('published'), 'as it was published');
    linkSync(at('published'), at('tree', 'one'));
    expect(createInThread(fs, batch([file('one', { offset: 0 }, 3)]))).toEqual([]);
    expect(readFileSync(at('tree', 'one'), 'utf8')).toBe('one');
    expect(readFileSync(at('published'), 'utf8')).toBe('as it was published');
  });

  it('never have bytes of what was read before a read that failed', () => {
    let reads = 0;
    const second = (...args: Parameters<typeof fs.readSync>) => (++reads === 2 ? failing() : fs.readSync(...args));
    const files = [file('onetwo', { offset: 0 }, 6), file('th', { offset: 6 }, 2), file('ree', { offset: 8 }, 3)];
    const disk = diskWith({ readSync: second as typeof fs.readSync });
    expect(createInThread(disk, batch(files))).toEqual([[1, 'EIO']]);
    expect(readFileSync(at('tree', 'ree'), 'utf8')).toBe('ree');
    expect(readdirSync(at('tree')).sort()).toEqual(['onetwo', 'ree']);
  });

  it('are whole where a disk answers with a part of what is there', () => {
    const bitwise = (...[handle, into, at, length, from]: [number, Uint8Array, number, number, number]) =>
      fs.readSync(handle, into, at, Math.min(length, 2), from);
    const files = [file('onetwo', { offset: 0 }, 6), file('three', { offset: 6 }, 5)];
    expect(createInThread(diskWith({ readSync: bitwise as typeof fs.readSync }), batch(files))).toEqual([]);
    expect(['onetwo', 'three'].map((name) => readFileSync(at('tree', name), 'utf8'))).toEqual(['onetwo', 'three']);
  });

  it('never go through a link', () => {
    symlinkSync(at('pack'), at('tree', 'one'));
    symlinkSync(at('tree'), at('link'));
    expect(createInThread(fs, batch([file('one', { offset: 3 }, 3)]))).toEqual([]);
    expect(readFileSync(at('pack'), 'utf8')).toBe('onetwothree');
    expect(() => createInThread(fs, batch([], { folders: [at('link')] }))).toThrow(
      expect.objectContaining({ code: 'ENOTDIR' }),
    );
  });

  it('take a part that an interrupted run had taken already', () => {
    const part = file('part', { part: at('7.part') }, 5);
    expect([createInThread(fs, batch([part])), createInThread(fs, batch([part]))]).toEqual([[], []]);
    expect(readFileSync(at('tree', 'part'), 'utf8')).toBe('large');
  });

  it('are marked before they get their time: on NTFS a stream is a part of its file', () => {
    const order: string[] = [];
    const disk = diskWith({
      writeFileSync: (...args) => {
        order.push('mark');
        fs.writeFileSync(...args);
      },
      futimesSync: (...args) => {
        order.push('time');
        fs.futimesSync(...args);
      },
    });
    createInThread(disk, batch([file('one', { offset: 0 }, 3)], { beside: { suffix: ':z', content: 'zone' } }));
    expect([order, readFileSync(at('tree', 'one:z'), 'utf8')]).toEqual([['mark', 'time'], 'zone']);
  });

  it('are kept without the mark on a disk that has none', () => {
    const files = [file('one', { offset: 0 }, 3)];
    const disk = diskWith({ writeFileSync: failing });
    expect(createInThread(disk, batch(files, { beside: { suffix: ':z', content: 'zone' } }))).toEqual([]);
    expect(readFileSync(at('tree', 'one'), 'utf8')).toBe('one');
  });
});

describe('what cannot be made', () => {
  it('is named with the word of the disk, and nothing of it is left among the whole ones', () => {
    const disk = diskWith({
      writeSync: (handle: number) => {
        fs.writeSync(handle, 'o');
        return failing();
      },
    });
    expect(createInThread(disk, batch([file('one', { offset: 0 }, 3), file('none', { offset: 0 }, 0)]))).toEqual([
      [0, 'EIO'],
    ]);
    expect(readdirSync(at('tree'))).toEqual(['none']);
  });

  it('is left under no name that gets published: where the disk does not take it back, all wait for the next time', () => {
    const stuck = diskWith({ writeSync: failing as unknown as typeof fs.writeSync, unlinkSync: failing });
    const files = [file('one', { offset: 0 }, 3), file('three', { offset: 6 }, 5)];
    expect(() => createInThread(stuck, batch(files))).toThrow('EIO');
    expect(createInThread(fs, batch(files))).toEqual([]);
    expect(readFileSync(at('tree', 'one'), 'utf8')).toBe('one');
  });

  it('goes back to being a part', () => {
    const disk = diskWith({ fchmodSync: failing });
    expect(createInThread(disk, batch([file('part', { part: at('7.part') }, 5)]))).toEqual([[0, 'EIO']]);
    expect([readdirSync(at('tree')), readFileSync(at('7.part'), 'utf8')]).toEqual([[], 'large']);
  });

  it('is everything that a pack has lost, and no more', () => {
    fs.truncateSync(at('pack'), 4);
    const files = [file('one', { offset: 0 }, 3), file('two', { offset: 3 }, 3), file('three', { offset: 6 }, 5)];
    expect(createInThread(fs, batch(files))).toEqual([
      [1, 'PACK_LOST'],
      [2, 'PACK_LOST'],
    ]);
    expect(readdirSync(at('tree'))).toEqual(['one']);
  });
});
