// What the system opens with Tincan: macOS tells of each file by an event of its own, however many a person opens at once.

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

const filesNamed = (name: string) => Array.from({ length: 200 }, (_, at) => `/Users/anna/${name} ${at}.jpg`);

function openEach(files: readonly string[]): void {
  for (const file of files) fake.app.emit('open-file', { preventDefault: () => undefined }, file);
}

let shell: FakeShell;
beforeAll(async () => {
  fake.app.whenReady = async () => openEach(filesNamed('early'));
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

it('are all staged where they start Tincan', async () => {
  await vi.waitFor(() => expect(shell.staged.flat()).toHaveLength(200));
  expect(shell.staged.splice(0).flat()).toEqual(filesNamed('early'));
});

it('are told of at once, also while the host looks at earlier ones', async () => {
  const looked = Promise.withResolvers<void>();
  shell.slowDisk.answers = looked.promise;
  shell.expected.splice(0);
  shell.told.splice(0);
  openEach(['/share/a']);
  await vi.waitFor(() => expect(shell.staged.splice(0)).toEqual([['/share/a']]));
  openEach(['/b', '/c']);
  await vi.waitFor(() => expect(shell.expected).toHaveLength(3));
  expect(new Set(shell.expected).size).toBe(2);
  expect(shell.staged).toEqual([]);
  looked.resolve();
  await vi.waitFor(() => expect(shell.staged.splice(0)).toEqual([['/b', '/c']]));
  expect(shell.told).toEqual([1, 2]);
});

it('are all staged where it runs, in a few calls', async () => {
  openEach(filesNamed('later'));
  await vi.waitFor(() => expect(shell.staged.flat()).toHaveLength(200));
  expect(shell.staged.length).toBeLessThan(5);
  expect(shell.staged.splice(0).flat()).toEqual(filesNamed('later'));
});
