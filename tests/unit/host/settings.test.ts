// The settings file: what is right in it is kept, and what is damaged is set aside, not lost.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { openSettings } from '../../../host/settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => path.join(folder, 'settings.json');
const relay = { url: 'turn:relay.example.org', username: 'anna', credential: 'a good secret' };

describe('the settings file', () => {
  it('starts with the internet off and two public servers to compare', async () => {
    const { internet, servers } = (await openSettings(openRealDisk(), folder, '/downloads')).get();
    expect(internet).toBe(false);
    expect(new Set(servers.map(({ url }) => url.split(':')[1])).size).toBe(2);
    expect(existsSync(file())).toBe(false);
  });

  it('keeps what it is told until the next start, and refuses a patch with an address that is none', async () => {
    const settings = await openSettings(openRealDisk(), folder, '/downloads');
    await settings.write({ deviceName: 'Anna', servers: [relay] });
    await expect(settings.write({ deviceName: 'Ben', servers: [{ url: 'http://example.org' }] })).rejects.toMatchObject(
      {
        code: 'settings-invalid',
      },
    );
    expect((await openSettings(openRealDisk(), folder, '/downloads')).get()).toMatchObject({
      deviceName: 'Anna',
      servers: [relay],
    });
  });

  it('loses a server whose address is none, and nothing else', async () => {
    const servers = [{ url: 'example.org' }, relay, { url: 'turn:example.org' }, 7];
    writeFileSync(file(), JSON.stringify({ deviceName: 'Anna', internet: true, servers }));
    expect((await openSettings(openRealDisk(), folder, '/downloads')).get()).toMatchObject({
      deviceName: 'Anna',
      internet: true,
      servers: [relay],
    });
  });

  it.each([
    ['a new person', undefined, false],
    ['whoever had a list of servers', { internet: false, servers: [relay] }, true],
    ['whoever had chosen Anywhere', { internet: true }, true],
    ['whoever never touched either', { deviceName: 'Anna' }, false],
    ['whoever chose since', { internet: true, servers: [relay], askStun: false }, false],
  ])('asks the router, and STUN as before it was a choice of its own: %s', async (_, kept, askStun) => {
    if (kept !== undefined) writeFileSync(file(), JSON.stringify(kept));
    const settings = (await openSettings(openRealDisk(), folder, '/downloads')).get();
    expect(settings).toMatchObject({ askRouter: true, askStun });
  });

  it('passes over a key of a newer version, and keeps it', async () => {
    const kept = { nearKnown: false, nearReplies: false, history: false, downloadDir: '/d', newerSetting: true };
    writeFileSync(file(), JSON.stringify(kept));
    const settings = await openSettings(openRealDisk(), folder, '/downloads');
    expect(settings.get()).toMatchObject({ nearKnown: false, nearReplies: false, history: false, downloadDir: '/d' });
    await settings.write({ theme: 'dark' });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ ...kept, theme: 'dark' });
  });

  it.each([
    ['no JSON', '{"deviceName":'],
    ['a word where a switch belongs', '{"history":"no"}'],
  ])('that is damaged leaves off what a person may have turned off, at later starts too: %s', async (_, text) => {
    writeFileSync(file(), text);
    const off = { askRouter: false, nearReplies: false, nearKnown: false, directLane: false, history: false };
    for (let start = 0; start < 2; start += 1) {
      expect((await openSettings(openRealDisk(), folder, '/downloads')).get()).toMatchObject(off);
    }
    await (await openSettings(openRealDisk(), folder, '/downloads')).write({ history: true });
    const settings = await openSettings(openRealDisk(), folder, '/downloads');
    expect(settings.get()).toMatchObject({ ...off, history: true });
  });

  it.each([
    ['no JSON', '{"deviceName":'],
    ['no settings', '[]'],
    ['a number where a list belongs', '{"servers":7}'],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"servers"'],
  ])('that is damaged is set aside or passed over: %s', async (_, text) => {
    writeFileSync(file(), text);
    expect((await openSettings(openRealDisk(), folder, '/downloads')).get().internet).toBe(false);
    const aside = `${file()}.damaged`;
    expect(readFileSync(existsSync(aside) ? aside : file(), 'utf8')).toBe(text);
  });
});
