// Remembered computers: two whole Tincans on one network, met once with digits compared, then found with one click; and a
// neighbour who hears, repeats and makes up whatever he can.

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { globSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { discoveryGroup } from '../../host/lan/discovery-group.ts';
import { type Instance, type InstanceOptions, startInstance, temporaryFolder } from '../e2e/instance.ts';
import { codeOf, giveCode, settleDigits, sha256Of, waitForState } from '../e2e/pairing.ts';
import { type Network, openNetwork, whyNoNamespaces } from './namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: remembered computers (${reason})`);

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const textFile = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) });

type Room = { readonly network: Network; readonly anna: Instance; readonly ben: Instance };

type RoomOptions = { readonly files?: readonly string[]; readonly ben?: Partial<InstanceOptions> };

/** `files` are what Anna sends. */
async function openRoom({ files = [], ben: bens = {} }: RoomOptions = {}): Promise<Room> {
  const network = openNetwork({ firewalls: false });
  closing.push(() => network.close());
  const [anna, ben] = await Promise.all([
    startInstance({ name: 'anna', namespace: network.name('a'), files, settings: { directLane: false } }),
    startInstance({ name: 'ben', namespace: network.name('b'), settings: { directLane: false }, ...bens }),
  ]);
  closing.push(() => Promise.all([anna.stop(), ben.stop()]));
  return { network, anna, ben };
}

/** They meet with codes, compare digits, and both want to be remembered. */
async function meet({ anna, ben }: Room): Promise<void> {
  await giveCode(ben, await codeOf(anna, 'invite'));
  await Promise.all([anna.session('linked'), ben.session('linked')]);
  await settleDigits(anna, ben);
  await remember(anna, ben);
  await part(anna, ben);
}

async function remember(anna: Instance, ben: Instance): Promise<void> {
  await anna.at('remember-yes').click();
  await ben.page.locator('[data-testid="remember"][data-at="asked"]').waitFor();
  await ben.at('remember-yes').click();
  await Promise.all([anna, ben].map((one) => one.page.locator('[data-testid="remember"][data-at="agreed"]').waitFor()));
}

async function part(anna: Instance, ben: Instance): Promise<void> {
  await anna.at('disconnect').click();
  await Promise.all([anna.session('pairing'), ben.session('pairing')]);
  await Promise.all([codeOf(anna, 'invite'), codeOf(ben, 'invite')]);
}

async function linkByOneClick(caller: Instance, other: Instance): Promise<number> {
  const from = performance.now();
  await caller.at('known-call').click();
  await Promise.all([caller.session('linked'), other.session('linked')]);
  const tookMs = performance.now() - from;
  await Promise.all(
    [caller, other].map((one) => one.page.locator('[data-testid="trust"][data-checked="known"]').waitFor()),
  );
  return tookMs;
}

/** Ben's disk takes this long for every block. */
const slowDisk = { TINCAN_TEST_WRITE_DELAY_MS: '3000' };
const bigBytes = 60_000_000;

function bigFile(): string {
  const file = path.join(temporaryFolder('source'), 'big.bin');
  writeFileSync(file, randomBytes(bigBytes));
  return file;
}

/** Runs in Ben's page: a test that asks how far it is may hear so late, on a busy machine, that the file has arrived meanwhile. */
function reloadInTheMiddle(): void {
  const isTime = () => {
    const row = document.querySelector<HTMLElement>('[data-testid="transfer"][data-direction="receive"]');
    return Number(row?.dataset.bytesDone ?? 0) > 0;
  };
  const watcher = new MutationObserver(() => {
    if (sessionStorage.getItem('test-reloaded') !== null || !isTime()) return;
    sessionStorage.setItem('test-reloaded', 'yes');
    location.reload();
  });
  watcher.observe(document, { attributes: true, childList: true, subtree: true });
}

const isReloaded = ({ page }: Instance) =>
  page.waitForFunction(() => sessionStorage.getItem('test-reloaded') !== null, undefined, { timeout: 60_000 });

/** Something of the file is on the disk, and not all of it. */
const isInTheMiddle = ({ downloadDir }: Instance) =>
  globSync('.tincan-*/blocks', { cwd: downloadDir }).some((name) => statSync(path.join(downloadDir, name)).size > 0);

type Neighbour = {
  /** Resolves with his tally once he has heard a request and repeated it a good while. */
  untilBusy(): Promise<{ readonly returned: number }>;
};

async function startNeighbour(network: Network): Promise<Neighbour> {
  const own = network.address('b').replace(/\d+$/, '66');
  execFileSync('ip', ['-n', network.name('b'), 'addr', 'add', `${own}/24`, 'dev', `${network.name('b')}0`]);
  const script = fileURLToPath(new URL('hostile-neighbour.ts', import.meta.url));
  const targets = [network.address('a'), network.address('b')];
  const args = [own, discoveryGroup.group, String(discoveryGroup.port), ...targets];
  const child = spawn('ip', ['netns', 'exec', network.name('b'), process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  await new Promise((resolve) => lines.once('line', resolve));
  return {
    untilBusy: () =>
      new Promise((resolve) => {
        let begun: number | undefined;
        lines.on('line', (line) => {
          const [recorded = 0, sent = 0, returned = 0] = line.split(' ').map(Number);
          if (recorded === 0) return;
          begun ??= sent;
          if (sent - begun > 1_000) resolve({ returned });
        });
      }),
  };
}

describe.skipIf(reason !== undefined)('remembered computers', () => {
  it('link with one click, either way, without digits; and not any more once one has forgotten the other', async () => {
    const room = await openRoom();
    const { anna, ben } = room;
    await meet(room);
    expect(statSync(path.join(anna.folder, 'data', 'known-computers.json')).mode & 0o777).toBe(0o600);
    expect(await linkByOneClick(anna, ben)).toBeLessThan(5_000);
    expect(await anna.at('remember').count()).toBe(0);
    await part(anna, ben);
    await linkByOneClick(ben, anna);
    await part(anna, ben);
    await ben.at('settings').click();
    await ben.at('known-forget').click();
    await ben.at('known-line').waitFor({ state: 'detached' });
    await anna.at('known-call').click();
    await anna.page.locator('[data-testid="known-status"][data-at="missed"]').waitFor();
    expect(await ben.at('session').getAttribute('data-state')).toBe('pairing');
    expect([...anna.complaints, ...ben.complaints]).toEqual([]);
  });

  it('get nothing accepted unasked, and no call of theirs takes what was staged for somebody else', async () => {
    const room = await openRoom();
    const { anna, ben } = room;
    await meet(room);
    await anna.at('settings').click();
    await anna.at('setting-accept-verified').click();
    await anna.page.keyboard.press('Escape');
    await anna.at('file-input').setInputFiles([textFile('for somebody else.txt')]);
    await linkByOneClick(ben, anna);
    await ben.at('file-input').setInputFiles([textFile('from ben.txt')]);
    // The order of the wire: had anything of Anna's been offered with the link, it would stand here before the note.
    await anna.at('text-input').fill('hello');
    await anna.at('send-text').click();
    await ben.at('text-received').waitFor();
    expect(await ben.at('offer').count()).toBe(0);
    await anna.at('accept').waitFor();
    await anna.page.locator('[data-testid="accept"]:enabled').waitFor();
    expect(await anna.page.locator('[data-testid="transfer"][data-state="done"]').count()).toBe(0);
    await anna.at('accept').click();
    await ben.page.locator('[data-testid="transfer"][data-state="done"]').waitFor();

    expect(await anna.at('staged-file').count()).toBe(1);
    await anna.at('send-staged').click();
    await ben.at('offer').filter({ hasText: 'for somebody else.txt' }).waitFor();
  });

  it.each(['page', 'program'] as const)(
    'find each other again by themselves when the %s of one starts again in mid-transfer, and the transfer goes on',
    async (what) => {
      const source = bigFile();
      const preparePage: InstanceOptions['preparePage'] = (page) => page.addInitScript(reloadInTheMiddle);
      const room = await openRoom({
        files: [source],
        ben: { env: slowDisk, ...(what === 'page' ? { preparePage } : {}) },
      });
      const { network, anna, ben } = room;
      await meet(room);
      await anna.at('known-call').click();
      await ben.at('accept').click();
      let again = ben;
      if (what === 'page') await isReloaded(ben);
      else {
        await expect.poll(() => isInTheMiddle(ben), { timeout: 60_000, interval: 20 }).toBe(true);
        await ben.stopHost('SIGKILL');
        await ben.closePage();
        again = await startInstance({ name: 'ben-again', namespace: network.name('b'), folder: ben.folder });
        closing.push(() => again.stop());
      }
      await Promise.all([waitForState(anna, 'send', 'done', 90_000), waitForState(again, 'receive', 'done', 90_000)]);
      for (const one of [anna, again]) {
        await one.session('linked');
        expect(await one.at('trust').getAttribute('data-checked')).toBe('known');
      }
      expect(await sha256Of(path.join(again.downloadDir, 'big.bin'))).toBe(await sha256Of(source));
    },
  );

  it('find each other again by themselves when the programs of both start again at once', async () => {
    const room = await openRoom();
    const { network, anna, ben } = room;
    await meet(room);
    await linkByOneClick(anna, ben);
    await Promise.all([anna, ben].map((one) => one.stop()));
    const restart = (one: Instance, end: 'a' | 'b') =>
      startInstance({ name: `${one.name}-again`, namespace: network.name(end), folder: one.folder });
    const again = await Promise.all([restart(anna, 'a'), restart(ben, 'b')]);
    closing.push(() => Promise.all(again.map((one) => one.stop())));
    for (const one of again) {
      await one.session('linked', 30_000);
      await one.page.locator('[data-testid="trust"][data-checked="known"]').waitFor();
    }
    // Once somebody has ended the link, nobody is looked for any more.
    await part(...again);
    await again[0].page.reload();
    await codeOf(again[0], 'invite');
    expect(await again[0].at('known-status').getAttribute('data-at')).toBe('idle');
  });

  it.each([
    { where: 'in a home, where the reply arrives by itself', subnet: undefined },
    // Of a private network nothing is known there, so nothing is sent to it.
    { where: 'on a public network, by way of the computer itself', subnet: '198.51.100' },
  ])('may be two on one computer: $where', async ({ subnet }) => {
    const network = openNetwork({ firewalls: false, ...(subnet && { subnet }) });
    closing.push(() => network.close());
    const namespace = network.name('a');
    const [anna, ben] = await Promise.all([
      startInstance({ name: 'anna', namespace }),
      startInstance({ name: 'ben', namespace }),
    ]);
    closing.push(() => Promise.all([anna.stop(), ben.stop()]));
    await giveCode(ben, await codeOf(anna, 'invite'));
    if (subnet !== undefined) await giveCode(anna, await codeOf(ben, 'reply'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    await settleDigits(anna, ben);
    await remember(anna, ben);
    await part(anna, ben);
    await linkByOneClick(anna, ben);
    await part(anna, ben);
    await linkByOneClick(ben, anna);
  });

  it('send without being asked about what the person chose to always accept, and no more', async () => {
    const room = await openRoom();
    const { anna, ben } = room;
    await meet(room);
    await anna.at('settings').click();
    await anna.at('always-accept').selectOption('100000000');
    await anna.page.keyboard.press('Escape');
    await linkByOneClick(ben, anna);
    await ben.at('file-input').setInputFiles([textFile('from ben.txt')]);
    await waitForState(anna, 'receive', 'done');
    await anna.at('automatic').waitFor();
    expect(await anna.at('offer').count()).toBe(0);
    await ben.at('file-input').setInputFiles([textFile('setup.exe')]);
    await anna.at('offer').filter({ hasText: 'setup.exe' }).waitFor();
    await anna.page.locator('[data-testid="accept"]:enabled').waitFor();
    expect(await anna.at('automatic').count()).toBe(1);
  });

  it('take two steps from the file to its arrival: it is dropped on the name, and the other side accepts', async () => {
    const room = await openRoom();
    const { anna, ben } = room;
    await meet(room);
    const dropped = await anna.page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['hello'], 'hello.txt'));
      return transfer;
    });
    await anna.at('known-call').dispatchEvent('drop', { dataTransfer: dropped });
    await ben.at('accept').click();
    await waitForState(ben, 'receive', 'done');
  });

  it('are asked of both, and only after a check', async () => {
    const { anna, ben } = await openRoom();
    await giveCode(ben, await codeOf(anna, 'invite'));
    await Promise.all([anna.session('linked'), ben.session('linked')]);
    expect(await anna.at('remember').count()).toBe(0);
    await anna.at('verify-match').click();
    await ben.at('verify-skip').click();
    await anna.at('remember-yes').click();
    await anna.page.locator('[data-testid="remember"][data-at="declined"]').waitFor();
    expect(await ben.at('remember').count()).toBe(0);
    await part(anna, ben);
    expect(await anna.at('known-peer').count()).toBe(0);
  });

  it('find each other past a neighbour who repeats and makes up everything, and who gets no answer', async () => {
    const room = await openRoom();
    const { network, anna, ben } = room;
    await meet(room);
    const neighbour = await startNeighbour(network);
    const busy = neighbour.untilBusy();
    await linkByOneClick(anna, ben);
    await part(anna, ben);
    const { returned } = await busy;
    expect(returned).toBe(0);
    for (const one of [anna, ben]) {
      expect(await one.at('session').getAttribute('data-state')).toBe('pairing');
      expect(await one.at('code-text').getAttribute('data-reply')).not.toBe('true');
    }
    await linkByOneClick(ben, anna);
  });
});
