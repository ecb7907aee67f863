// What a page learns of the clipboard. One that was taken over may ask at any time.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { decodeCode } from '../../../shared/code/code-text.ts';
import { replyOf } from '../lan/lan-codes.ts';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

const readCode = async (copied: string) => {
  fake.clipboard.readText.mockResolvedValueOnce(copied);
  return shell.services.call('readCode', {});
};

it('P4 is the code that somebody copied, and nothing of what stands around it', async () => {
  const code = replyOf();
  const wrapped = code.replace(/(.{40})/g, '$1\n> ');
  const read = await readCode(`The safe opens with 4711.\n> ${wrapped}\nYours, Ben. The cat is called Mia.`);
  expect(decodeCode(read ?? '')).toMatchObject({ ok: true });
  expect(read).toBe(code);
});

it('P4 is nothing where there is no code, also where a text speaks of one', async () => {
  expect(
    await readCode('tincan: the safe opens with 4711, and the cat is called Mia, who sleeps on it all day'),
  ).toBeNull();
  expect(await readCode('4711')).toBeNull();
});

it('is a code that is cut off as well, so that the field can say so', async () => {
  const read = await readCode(`Ben: ${replyOf().slice(0, 60)}`);
  expect(decodeCode(read ?? '')).toMatchObject({ ok: false, fault: { code: 'code-incomplete' } });
});
