// What the host keeps for one remembered computer beside its secret: the folder for what is accepted unasked, and whether it
// is the one to be called after a start.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replyOf } from '../lan/lan-codes.ts';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
let id: string;
let folder: string;
beforeEach(async () => {
  test = await openTestHost();
  const peer = { secret: 'cd'.repeat(32), side: 'inviter', name: 'Ben', code: replyOf() } as const;
  ({ id } = await test.host.ui['remembered.remember'](peer));
  folder = path.join(test.folder, 'from Ben');
  mkdirSync(folder);
});
afterEach(() => test.close());

const listed = async () => (await test.host.ui['remembered.list']({}))[0];
const destination = () => test.host.ui['remembered.acceptDestination']({ id });
const lastPeer = async () => (await test.host.ui['app.facts']({})).lastPeer;

describe('the folder of a remembered computer', () => {
  it('is the one that a person chose in a dialog, over a restart, until they want the download folder again', async () => {
    expect(await destination()).toBeNull();
    test.chosen = folder;
    await test.host.ui['remembered.pickAcceptDir']({ id });
    expect(await listed()).toMatchObject({ acceptDir: folder });
    await test.restart();
    expect(await destination()).toMatchObject({ label: folder });
    await test.host.ui['remembered.change']({ id, acceptDir: null });
    expect(await listed()).not.toHaveProperty('acceptDir');
    expect(await destination()).toBeNull();
  });

  it('stays as it was where nothing was chosen, or nothing that may receive', async () => {
    test.chosen = folder;
    await test.host.ui['remembered.pickAcceptDir']({ id });
    test.chosen = undefined;
    await test.host.ui['remembered.pickAcceptDir']({ id });
    test.chosen = '/etc';
    await expect(test.host.ui['remembered.pickAcceptDir']({ id })).rejects.toMatchObject({
      code: 'destination-refused',
    });
    expect(await listed()).toMatchObject({ acceptDir: folder });
  });

  it('is told to be gone, and nothing takes its place unasked', async () => {
    test.chosen = folder;
    await test.host.ui['remembered.pickAcceptDir']({ id });
    rmSync(folder, { recursive: true });
    await expect(destination()).rejects.toMatchObject({ code: 'destination-missing' });
  });
});

describe('the computer to be called after a start', () => {
  const link = (peer: string | null) => test.host.ui['remembered.linked']({ id: peer });

  it('is the one whose link nobody ended, over a restart of the program', async () => {
    expect(await lastPeer()).toBeUndefined();
    await link(id);
    await test.restart();
    expect(await lastPeer()).toBe(id);
    await link(null);
    await test.restart();
    expect(await lastPeer()).toBeUndefined();
  });

  it.each([
    ['forgotten', () => test.host.ui['remembered.forget']({ id })],
    ['blocked', () => test.host.ui['remembered.change']({ id, blocked: true })],
    ['not to find this one either', () => test.host.ui['settings.write']({ nearKnown: false })],
  ])('is nobody once it is %s', async (_what, change) => {
    await link(id);
    await change();
    expect(await lastPeer()).toBeUndefined();
  });
});
