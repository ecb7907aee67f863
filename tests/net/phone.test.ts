// "Connect a phone": a Tincan on one computer of a network, and a browser held like a phone on another, which opens what the picture on
// the screen says. Plain HTTP to a private address is no secure context.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, temporaryFolder } from '../e2e/instance.ts';
import { settleDigits, sha256Of, waitForState } from '../e2e/pairing.ts';
import { letPhoneIn, openPhone, overflowOf } from '../guest/phone.ts';
import { type Network, openNetwork, whyNoNamespaces } from './namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.warn(`skipped: a phone on the network (${reason})`);

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function openRoom(): Promise<{ readonly network: Network; readonly anna: Instance }> {
  const network = openNetwork({ firewalls: false });
  closing.push(() => network.close());
  const anna = await startInstance({ name: 'anna', namespace: network.name('a') });
  closing.push(() => anna.stop());
  return { network, anna };
}

/** What a program on the other computer gets there. */
function asks(network: Network, address: string): string {
  const script = `fetch(${JSON.stringify(address)}).then((answer) => answer.status, ({ cause }) => cause.code).then(console.log)`;
  return spawnSync('ip', ['netns', 'exec', network.name('b'), process.execPath, '-e', script], {
    encoding: 'utf8',
  }).stdout.trim();
}

describe.skipIf(reason !== undefined)('a phone on the network', () => {
  it('opens what the picture says, is linked without carrying a reply, and a file goes each way', async () => {
    const { network, anna } = await openRoom();
    const address = await letPhoneIn(anna);
    expect(address).toMatch(
      new RegExp(`^http://${network.address('a').replaceAll('.', '\\.')}:\\d+/[0-9A-Z]{32}/#TINCAN:`),
    );
    const phone = await openPhone(network.name('b'), address);
    closing.push(() => phone.browser.close());

    await expect.poll(() => phone.at('code-input').inputValue()).toMatch(/^TINCAN:/);
    expect(await phone.page.evaluate(() => [isSecureContext, 'subtle' in crypto, 'mediaDevices' in navigator])).toEqual(
      [false, false, false],
    );
    expect(await phone.at('scan-camera').count()).toBe(0);
    // Fingers cannot drop anything.
    expect(await phone.page.locator('.drop-words').innerText()).toContain('Choose files');
    expect(await overflowOf(phone.page)).toBe(0);
    await phone.at('code-submit').tap();
    await Promise.all([anna.session('linked'), phone.session('linked')]);

    // Nobody carried anything, and both are asked all the same.
    await settleDigits(anna, phone);
    await anna.page.locator('[data-testid="trust"][data-checked="matched"]').waitFor();
    await Promise.all([anna.at('peer-guest').waitFor(), phone.at('keep-in-front').waitFor()]);
    expect(await overflowOf(phone.page)).toBe(0);
    expect(await anna.at('phone-panel').count()).toBe(0);
    expect(asks(network, address)).toBe('ECONNREFUSED');

    const film = path.join(temporaryFolder('source'), 'film.bin');
    writeFileSync(film, randomBytes(3_000_001));
    await anna.at('file-input').setInputFiles(film);
    await phone.at('accept').tap();
    await Promise.all([waitForState(anna, 'send', 'done'), waitForState(phone, 'receive', 'done')]);
    expect(await sha256Of(await phone.download('save-received'))).toBe(await sha256Of(film));

    const photo = path.join(temporaryFolder('source'), 'photo.bin');
    writeFileSync(photo, randomBytes(2_000_003));
    await phone.at('file-input').setInputFiles(photo);
    await anna.at('accept').click();
    await Promise.all([waitForState(phone, 'send', 'done'), waitForState(anna, 'receive', 'done')]);
    expect(await sha256Of(path.join(anna.downloadDir, 'photo.bin'))).toBe(await sha256Of(photo));

    // It asked nobody but the computer that it came from: for itself, without the invite, and once to bring the reply.
    const { origin, pathname } = new URL(address);
    const asked = phone.asked.filter((each) => !/ (blob|data):/.test(each));
    expect(asked).toEqual([`GET ${origin}${pathname}`, `POST ${origin}${pathname}reply`]);
    // The address is closed: who reloads the page would lose the link, and the page with it.
    const questions: string[] = [];
    phone.page.on('dialog', (dialog) => {
      questions.push(dialog.type());
      void dialog.dismiss();
    });
    await phone.page.reload({ timeout: 3_000 }).catch(() => undefined);
    expect(questions).toEqual(['beforeunload']);
    await phone.session('linked');
    expect([...anna.complaints, ...phone.complaints]).toEqual([]);
  });

  it('is served while a neighbour floods the port, and by nobody once the panel is closed or Tincan has ended', async () => {
    const { network, anna } = await openRoom();
    const first = await letPhoneIn(anna);
    const { hostname, port } = new URL(first);
    const source = network.address('b').replace(/\d+$/, '66');
    spawnSync('ip', ['-n', network.name('b'), 'addr', 'add', `${source}/24`, 'dev', `${network.name('b')}0`]);
    const script = fileURLToPath(new URL('hostile-visitor.ts', import.meta.url));
    const args = ['netns', 'exec', network.name('b'), process.execPath, script, hostname, port, source];
    const neighbour = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    closing.push(() => neighbour.kill('SIGKILL'));
    const tells: string[] = [];
    const lines = createInterface({ input: neighbour.stdout });
    await new Promise<void>((resolve) => lines.on('line', (line) => tells.push(line) >= 2 && resolve()));
    expect(asks(network, first)).toBe('200');
    await expect.poll(() => tells.length, { timeout: 20_000 }).toBeGreaterThan(3);
    for (const line of tells) expect(line).toMatch(/ 0$/);
    neighbour.kill('SIGKILL');

    await anna.page.keyboard.press('Escape');
    await expect.poll(() => asks(network, first)).toBe('ECONNREFUSED');
    const second = await letPhoneIn(anna);
    expect(asks(network, second)).toBe('200');
    await anna.stop();
    expect(asks(network, second)).toBe('ECONNREFUSED');
  });
});
