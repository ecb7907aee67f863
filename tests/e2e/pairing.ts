// The few things that every end-to-end test does: pair by paste, settle the digits, send, accept, wait for the end.

import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** An instance, or a guest page. */
export interface PageUnderTest {
  readonly page: Page;
  at(handle: string): Locator;
  session(state: string, timeout?: number): Promise<void>;
}

/** This side's code as people copy it, once it is of the wanted kind. */
export async function codeOf(instance: PageUnderTest, kind: 'invite' | 'reply', timeout = 40_000): Promise<string> {
  const field = instance.page.locator(
    `[data-testid="code-text"]${kind === 'reply' ? '[data-reply="true"]' : ':not([data-reply="true"])'}`,
  );
  await field.waitFor({ timeout });
  const filled = await instance.page.waitForFunction(
    (handle) => {
      const { value } = document.querySelector<HTMLTextAreaElement>(`[data-testid="${handle}"]`) ?? { value: '' };
      return value.startsWith('TINCAN:') && value;
    },
    'code-text',
    { timeout },
  );
  return (await filled.jsonValue()) || '';
}

export async function giveCode(instance: PageUnderTest, code: string, timeout = 30_000): Promise<void> {
  await instance.at('code-input').fill(code, { timeout });
  await instance.at('code-submit').click({ timeout });
}

export async function pairByPaste(a: PageUnderTest, b: PageUnderTest): Promise<void> {
  await giveCode(b, await codeOf(a, 'invite'));
  await bringReply(b, a);
  await Promise.all([a.session('linked'), b.session('linked')]);
}

/** By hand, unless it arrives by itself: so it does between two on one computer, where that is on a private network. */
export async function bringReply(from: PageUnderTest, to: PageUnderTest, timeout = 40_000): Promise<void> {
  const reply = from.page.locator('[data-testid="code-text"][data-reply="true"]');
  const until = Date.now() + timeout;
  while (!(await to.page.locator('[data-testid="session"][data-state="linked"]').isVisible())) {
    const code = await reply.inputValue({ timeout: 100 }).catch(() => '');
    const isGiven =
      code.startsWith('TINCAN:') &&
      (await giveCode(to, code, 1_000).then(
        () => true,
        () => false,
      ));
    if (isGiven) return;
    assert.ok(Date.now() < until, 'no reply to bring');
  }
}

export async function settleDigits(
  a: PageUnderTest,
  b: PageUnderTest,
  choice: 'match' | 'skip' = 'match',
): Promise<string> {
  const digits = await a.at('verify-digits').innerText();
  assert.equal((await b.at('verify-digits').innerText()).replace(/\D/g, ''), digits.replace(/\D/g, ''));
  await a.at(`verify-${choice}`).click();
  await b.at(`verify-${choice}`).click();
  return digits.replace(/\D/g, '');
}

export async function link(a: PageUnderTest, b: PageUnderTest): Promise<void> {
  await pairByPaste(a, b);
  await settleDigits(a, b);
}

export function rows(instance: PageUnderTest, direction: 'send' | 'receive') {
  return instance.page.locator(`[data-testid="transfer"][data-direction="${direction}"]`);
}

export async function doneBytes(instance: PageUnderTest, direction: 'send' | 'receive'): Promise<number> {
  return Number(await rows(instance, direction).first().getAttribute('data-bytes-done'));
}

/** The survivor shows that it is waiting, asks for a new code, and takes the other's reply. */
export async function pairAgain(survivor: PageUnderTest, fresh: PageUnderTest): Promise<void> {
  await survivor.session('reconnecting', 30_000);
  await survivor.at('pair-again').click();
  await giveCode(fresh, await codeOf(survivor, 'invite'));
  await bringReply(fresh, survivor);
  await Promise.all([survivor.session('linked'), fresh.session('linked')]);
  await settleDigits(survivor, fresh);
}

export async function waitForState(
  instance: PageUnderTest,
  direction: 'send' | 'receive',
  state: string,
  timeout = 60_000,
): Promise<void> {
  await instance.page
    .locator(`[data-testid="transfer"][data-direction="${direction}"][data-state="${state}"]`)
    .first()
    .waitFor({ timeout });
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** Every path below a folder, relative, sorted; folders end in a slash. */
export async function treeOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''))
    .sort();
}
