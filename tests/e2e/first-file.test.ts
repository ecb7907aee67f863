// The whole path once: pair by paste, compare the digits, offer, accept, and the same bytes on the other disk.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, startHost, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { logOf } from './log-lines.ts';
import { codeOf, giveCode, link, rows, sha256Of, treeOf, waitForState } from './pairing.ts';

let running: Instance[] = [];

async function two(): Promise<[Instance, Instance]> {
  running = await Promise.all(['anna', 'ben'].map((name) => startInstance({ name })));
  return running as [Instance, Instance];
}

afterEach(async (context) => {
  const complaints = await stopAll(running, context);
  running = [];
  expect(complaints).toEqual([]);
});

describe('two people and a file', () => {
  it('moves a 20 MB file with a name in several scripts, identical', async () => {
    const [anna, ben] = await two();
    const name = 'Größe – 文件 – файл – ملف.bin';
    const source = path.join(temporaryFolder('source'), name);
    writeFileSync(source, randomBytes(20_000_000));
    await link(anna, ben);

    await anna.at('file-input').setInputFiles(source);
    await ben.at('offer').waitFor();
    expect(await treeOf(ben.downloadDir)).toEqual([]);
    await ben.at('accept').click();
    await Promise.all([waitForState(anna, 'send', 'done'), waitForState(ben, 'receive', 'done')]);

    expect(await treeOf(ben.downloadDir)).toEqual([name]);
    expect(await sha256Of(path.join(ben.downloadDir, name))).toBe(await sha256Of(source));
    const row = rows(ben, 'receive');
    expect(await row.getAttribute('data-bytes-done')).toBe('20000000');
    expect(await row.getAttribute('data-bytes-total')).toBe('20000000');

    await rows(anna, 'send').getByTestId('send-again').click();
    await ben.at('offer').waitFor();
    await ben.at('decline').click();
    await waitForState(anna, 'send', 'declined');

    await Promise.all([anna.stop(), ben.stop()]);
    for (const each of [anna, ben]) {
      const log = logOf(each, ['Größe', '文件', 'файл', 'ملف', path.dirname(source)]);
      expect(log[0]).toMatchObject({ is: 'started', shell: 'browser' });
      expect(log).toContainEqual(expect.objectContaining({ is: 'transfer-ended', state: 'done', bytes: 20_000_000 }));
      expect(log.slice(-2).map(({ is }) => is)).toEqual(['engine-gone', 'stopped']);
    }
  });

  it('declines, and nothing is written', async () => {
    const [anna, ben] = await two();
    const source = path.join(temporaryFolder('source'), 'unwanted.txt');
    writeFileSync(source, 'not today');
    await link(anna, ben);
    await anna.at('file-input').setInputFiles(source);
    await ben.at('decline').click();
    await waitForState(anna, 'send', 'declined');
    expect(await treeOf(ben.downloadDir)).toEqual([]);
  });

  it('offers what the command line staged, as soon as the link is open', async () => {
    const folder = path.join(temporaryFolder('source'), 'holiday');
    mkdirSync(path.join(folder, 'empty'), { recursive: true });
    mkdirSync(path.join(folder, 'day 1'));
    writeFileSync(path.join(folder, 'day 1', 'sea.txt'), 'waves');
    writeFileSync(path.join(folder, 'nothing.txt'), '');
    running = [await startInstance({ name: 'anna', files: [folder] }), await startInstance({ name: 'ben' })];
    const [anna, ben] = running as [Instance, Instance];
    expect(await anna.at('staged-file').count()).toBe(1);
    await link(anna, ben);
    await ben.at('accept').click();
    await Promise.all([waitForState(anna, 'send', 'done'), waitForState(ben, 'receive', 'done')]);
    expect(await treeOf(ben.downloadDir)).toEqual([
      'holiday/',
      'holiday/day 1/',
      'holiday/day 1/sea.txt',
      'holiday/empty/',
      'holiday/nothing.txt',
    ]);

    await anna.at('history').click();
    await anna.at('history-item').getByTestId('send-again').click();
    await ben.at('offer').filter({ hasText: 'holiday' }).waitFor();
  });
});

describe('a code that cannot be taken', () => {
  it('says which kind of wrong it is', async () => {
    const [anna, ben] = await two();
    const invite = await codeOf(anna, 'invite');
    const fault = (instance: Instance, code: string) =>
      instance.page.locator(`[data-testid="code-fault"][data-code="${code}"]`).waitFor();
    await giveCode(ben, 'hello');
    await fault(ben, 'code-not-ours');
    await giveCode(ben, invite.slice(0, -20));
    await fault(ben, 'code-incomplete');
    const swapped = invite.at(40) === 'X' ? 'Y' : 'X';
    await giveCode(ben, `${invite.slice(0, 40)}${swapped}${invite.slice(41)}`);
    await fault(ben, 'code-damaged');
    await giveCode(anna, invite);
    await fault(anna, 'code-own');
  });
});

describe('the browser shell', () => {
  it('prints one ready line and ends with 0 on Ctrl-C', async () => {
    const folder = temporaryFolder('shell');
    const host = await startHost({ dataDir: path.join(folder, 'data'), downloadDir: path.join(folder, 'downloads') });
    const ended = new Promise((resolve) => host.process.once('exit', resolve));
    host.process.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(host.stdout).toEqual([`Tincan ready at ${host.url}`]);
  });
});
