// The steps that the packaged app is driven through, in the browser shell.

import { afterEach, expect, it } from 'vitest';
import { exchangeFiles } from '../electron/exchange.ts';
import { type Instance, startInstance, stopAll } from './instance.ts';

let running: Instance[] = [];
afterEach(async (context) => {
  const complaints = await stopAll(running, context);
  running = [];
  expect(complaints).toEqual([]);
});

it('moves a file each way between two Tincans that paired by paste', async () => {
  running = await Promise.all(['anna', 'ben'].map((name) => startInstance({ name })));
  const [anna, ben] = running as [Instance, Instance];
  await exchangeFiles(anna, ben, (from, file) => from.at('file-input').setInputFiles(file));
});
