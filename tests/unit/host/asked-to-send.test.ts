// What the shell's menu asks a page to send, whether or not there is a page.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const factsOfPage = async () => (await test.host.ui['app.facts']({})).pick;

it('waits for the page that comes next, and for no other', async () => {
  test.host.pick('folder');
  test.host.pick('files');
  expect([await factsOfPage(), await factsOfPage()]).toEqual([{ kind: 'files', nth: 2 }, undefined]);
});

it('is over once a page has asked the person', async () => {
  test.host.pick('files');
  await Promise.resolve(test.host.ui['stage.pick']({ kind: 'files' })).catch(() => undefined);
  expect(await factsOfPage()).toBeUndefined();
});
