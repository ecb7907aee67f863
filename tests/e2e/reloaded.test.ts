// The other page was reloaded, or stands still, while people link: whoever waits is told what is likely, and can leave. This page was
// reloaded: it says what must be chosen again.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Instance, startInstance, stopAll } from './instance.ts';
import { codeOf, giveCode, link } from './pairing.ts';

let anna: Instance;
let ben: Instance;

/** Replies are carried by hand here, also where they would arrive by themselves. */
const settings = { nearReplies: false };

beforeEach(async () => {
  [anna, ben] = await Promise.all([
    startInstance({ name: 'anna', settings }),
    startInstance({ name: 'ben', settings }),
  ]);
});

afterEach(async (context) => expect(await stopAll([anna, ben], context)).toEqual([]));

/** Ben answers, and his page is another one before the answer is taken. */
async function staleReply(): Promise<string> {
  await giveCode(ben, await codeOf(anna, 'invite'));
  const reply = await codeOf(ben, 'reply');
  await ben.page.reload();
  await codeOf(ben, 'invite');
  return reply;
}

const hint = () => anna.at('connecting-hint').getAttribute('data-hint', { timeout: 60_000 });

describe('a page that was reloaded on the other side', () => {
  it('is what is suspected, and no firewall, once the two were linked', async () => {
    await link(anna, ben);
    await anna.at('disconnect').click();
    await Promise.all([anna.session('pairing'), ben.session('pairing')]);
    await giveCode(anna, await staleReply());
    expect(await hint()).toBe('they-left');
    await anna.at('start-over').click();
    await anna.session('pairing');
  });

  it('is suspected too after pairing again, and the screen shows that their reply was taken', async () => {
    await link(anna, ben);
    await ben.page.reload();
    await anna.session('reconnecting');
    expect(await anna.page.locator('.banner').innerText()).toMatch(/closed or reloaded/);
    await anna.at('pair-again').click();
    await giveCode(anna, await staleReply());
    await anna.at('rejoining').waitFor();
    expect(await hint()).toBe('they-left');
    await anna.at('new-code').click();
    await anna.at('rejoining').waitFor({ state: 'detached' });
    await link(anna, ben);
  });
});

describe('a page whose chosen files wait to be sent', () => {
  it('says once after a reload that they must be chosen again, and has the focus where they are', async () => {
    const files = ['letter.txt', 'notes.txt'].map((name) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from('x'),
    }));
    await anna.at('file-input').setInputFiles(files);
    await anna.page.reload();
    const said = anna.page.locator('[data-testid="toast"][data-is="cut"]');
    expect(await said.innerText()).toMatch(/2 items that waited.*Choose them again.*letter\.txt.*notes\.txt/s);
    expect(await anna.at('staged-file').count()).toBe(0);
    await anna.page.locator('[data-testid="pick-files"]:focus').waitFor();
    await anna.page.reload();
    await codeOf(anna, 'invite');
    expect(await said.count()).toBe(0);
  });
});

describe('a page on the other side that stops in the middle of the verification', () => {
  it('leaves nobody waiting without a word or a way out', async () => {
    await giveCode(ben, await codeOf(anna, 'invite'));
    const reply = await codeOf(ben, 'reply');
    // A page that does nothing else for a while, as on a machine that went to sleep.
    const busy = ben.page.evaluate(() => {
      const until = Date.now() + 25_000;
      while (Date.now() < until);
    });
    await giveCode(anna, reply);
    await anna.page.locator('.steps [data-at="now"]').getByText('Checking who it is').waitFor();
    expect(await hint()).toBe('they-left');
    await anna.at('start-over').click();
    await anna.session('pairing');
    await busy;
  });
});
