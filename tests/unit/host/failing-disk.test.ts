// The disk that the other tests fail on purpose: it must be the real one in everything else.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type FailingDisk, openFailingDisk } from '../../../host/disk/failing-disk.ts';
import { openRealDisk } from '../../../host/disk/real-disk.ts';

let folder: string;
let disk: FailingDisk;
const at = (name: string) => path.join(folder, name);
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'tincan-failing-'));
  disk = openFailingDisk(openRealDisk(), fs);
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

it('does what the real disk does, and writes down the order', async () => {
  const file = await disk.open(at('x'), 'create');
  await file.write(Buffer.from('seven b'), 0);
  await file.sync();
  await file.close();
  await disk.link(at('x'), at('y'));
  expect(await disk.readText(at('y'))).toBe('seven b');
  expect(disk.calls.map(({ name, path: where, to }) => [name, path.basename(where), to && path.basename(to)])).toEqual([
    ['open', 'x', 'create'],
    ['write', 'x', undefined],
    ['sync', 'x', undefined],
    ['close', 'x', undefined],
    ['link', 'x', 'y'],
    ['readText', 'y', undefined],
  ]);
});

it('fails the calls that a rule names, so many of them, before or after they are done', async () => {
  disk.fail({ when: ({ name }) => name === 'makeFolder', from: 2, times: 1, errno: 'EIO' });
  disk.fail({ when: ({ path: where }) => where === at('d'), errno: 'EIO', after: true });
  await disk.makeFolder(at('a'));
  await expect(disk.makeFolder(at('b'))).rejects.toMatchObject({ code: 'EIO' });
  await disk.makeFolder(at('c'));
  await expect(disk.makeFolder(at('d'))).rejects.toMatchObject({ code: 'EIO' });
  expect(fs.readdirSync(folder)).toEqual(['a', 'c', 'd']);
});

it('fails like Node where libuv has no name for the error', async () => {
  const end = disk.fail({ errno: 'EDQUOT' });
  await expect(disk.list(folder)).rejects.toMatchObject({
    code: expect.stringMatching(/^Unknown system error -\d+$/) as unknown,
  });
  end();
  expect(await disk.list(folder)).toEqual([]);
});

it('runs the work of threads in place, each call by its file', async () => {
  fs.writeFileSync(at('x'), 'x');
  disk.fail({ when: ({ name }) => name === 'unlinkSync', errno: 'EBUSY' });
  const threads = disk.threads((thread, name: string) => {
    const file = thread.openSync(name, 'r');
    thread.closeSync(file);
    thread.unlinkSync(name);
  }, 1);
  await expect(threads.do(at('x'))).rejects.toMatchObject({ code: 'EBUSY' });
  expect(disk.calls.map(({ name, path: where }) => [name, where])).toEqual([
    ['openSync', at('x')],
    ['closeSync', at('x')],
    ['unlinkSync', at('x')],
  ]);
});
