// More files than a transfer takes, put down at once: a part of them must not look like the whole.

import { expect, it, onTestFinished } from 'vitest';
import { manifestMaxEntries, pathsMax } from '../../../shared/wire/limits.ts';
import { openTestHost } from './test-host.ts';

const tooMany = Array.from({ length: pathsMax }, (_, at) => `/photos/${at}`);

async function open() {
  const test = await openTestHost();
  onTestFinished(() => test.close());
  const staged = async () => (await test.host.ui['app.facts']({})).staged;
  return { ...test, staged };
}

it('are refused where they are dropped', async () => {
  const { host, staged } = await open();
  await expect(host.stagePaths(tooMany)).rejects.toMatchObject({ code: 'manifest-too-large' });
  expect(await staged()).toEqual([]);
});

it('are refused where they are opened with Tincan, and the page is told', async () => {
  const { host, staged } = await open();
  const told: unknown[] = [];
  host.onUiEvent((name, payload) => name === 'staged' && told.push(payload));
  await expect(host.stageOpened({ batch: 1, told: 2, paths: tooMany })).rejects.toMatchObject({
    code: 'manifest-too-large',
  });
  expect(told).toMatchObject([{ batch: 1, told: 2, items: [], fault: { code: 'manifest-too-large' } }]);
  expect(await staged()).toEqual([]);
});

it('are looked at where they are as many as a transfer takes', async () => {
  const { host } = await open();
  expect(await host.stagePaths(tooMany.slice(0, manifestMaxEntries))).toEqual([]);
});
