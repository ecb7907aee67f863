// A Chromium that holds one or more links, in this network or in a namespace of its own, and what tests ask of a link.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { LinkOptions } from '../../link/link.ts';
import type { ConnectingHint, LinkView } from '../../shared/model/link-view.ts';
import { bareFlags } from '../e2e/instance.ts';
import type {} from './page/page.ts';
import type { DeskFacts } from './page/test-desk.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const origin = 'http://localhost:9';
let bundle: Promise<string> | undefined;

function pageScript(): Promise<string> {
  bundle ??= build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      write: false,
      target: 'chrome140',
      lib: { entry: path.join(root, 'tests/net/page/page.ts'), formats: ['iife'], name: 'page' },
    },
  }).then((result) => {
    const first = Array.isArray(result) ? result[0] : result;
    if (first === undefined || !('output' in first)) throw new Error('vite built nothing');
    return first.output[0].code;
  });
  return bundle;
}

export type CanOptions = Partial<LinkOptions> & { readonly refeed?: boolean };

export class CanBrowser {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #folder: string;

  constructor(browser: Browser, page: Page, folder: string) {
    this.#browser = browser;
    this.page = page;
    this.#folder = folder;
  }

  async open(name: string, options: CanOptions = {}): Promise<TestCan> {
    await this.page.evaluate(([can, more]) => void window.cans.open(can, more), [name, options] as const);
    return new TestCan(this.page, name);
  }

  /** One that the page opened itself. */
  can(name: string): TestCan {
    return new TestCan(this.page, name);
  }

  async close(): Promise<void> {
    await Promise.race([this.#browser.close(), new Promise((resolve) => setTimeout(resolve, 5_000))]).catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Chromium is started by a script when it has to live in a namespace: every process of it is then inside. */
export async function openBrowser(namespace?: string, flags: readonly string[] = []): Promise<CanBrowser> {
  const script = await pageScript();
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-net-'));
  let executablePath = chromiumPath;
  if (namespace !== undefined) {
    executablePath = path.join(folder, 'chromium.sh');
    writeFileSync(executablePath, `#!/bin/sh\nexec ip netns exec ${namespace} ${chromiumPath} "$@"\n`);
    chmodSync(executablePath, 0o755);
  }
  const browser = await chromium.launch({
    executablePath,
    args: [...bareFlags, `--crash-dumps-dir=${folder}`, ...flags],
  });
  const page = await browser.newPage();
  await page.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>cans</title>' }),
  );
  await page.goto(`${origin}/`);
  await page.addScriptTag({ content: script });
  return new CanBrowser(browser, page, folder);
}

export class TestCan {
  readonly name: string;
  readonly page: Page;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  view(): Promise<LinkView> {
    return this.page.evaluate((name) => window.cans.all.get(name)!.link.view(), this.name);
  }

  facts(): Promise<DeskFacts> {
    return this.page.evaluate((name) => window.cans.all.get(name)!.desk.facts(), this.name);
  }

  /** Resolves with the milliseconds it took. */
  async until(at: LinkView['at'], timeout = 20_000): Promise<number> {
    const from = performance.now();
    await this.page
      .waitForFunction(
        ([name, wanted]) => window.cans.all.get(name)!.link.view().at === wanted,
        [this.name, at] as const,
        {
          timeout,
          polling: 20,
        },
      )
      .catch(async (cause) => {
        throw new Error(`${this.name} is not ${at}: ${JSON.stringify(await this.view())}`, { cause });
      });
    return performance.now() - from;
  }

  /** What the link says of its taking long. */
  async untilHint(hint: ConnectingHint, timeout = 20_000): Promise<void> {
    await this.page.waitForFunction(
      ([name, wanted]) => {
        const view = window.cans.all.get(name)!.link.view();
        return view.at === 'connecting' && view.hint === wanted;
      },
      [this.name, hint] as const,
      { timeout, polling: 100 },
    );
  }

  async code(kind: 'invite' | 'reply', timeout = 10_000): Promise<string> {
    const handle = await this.page.waitForFunction(
      ([name, wanted]) => {
        const view = window.cans.all.get(name)!.link.view();
        const code = view.at === 'linked' ? undefined : view.code;
        return code?.at === 'ready' && code.kind === wanted ? code.text : undefined;
      },
      [this.name, kind] as const,
      { timeout, polling: 20 },
    );
    return (await handle.jsonValue())!;
  }

  take(text: string, via: 'paste' | 'camera' = 'paste'): Promise<string | undefined> {
    return this.page.evaluate(
      async ([name, code, how]) => (await window.cans.all.get(name)!.link.takeCode(code, how))?.code,
      [this.name, text, via] as const,
    );
  }

  async digits(timeout = 10_000): Promise<string> {
    await this.until('linked', timeout);
    const view = await this.view();
    return view.at === 'linked' ? view.peer.trust.digits : '';
  }

  settle(choice: 'match' | 'skip'): Promise<void> {
    return this.page.evaluate(([name, how]) => window.cans.all.get(name)!.link.settleDigits(how), [
      this.name,
      choice,
    ] as const);
  }

  async untilGate(timeout = 10_000): Promise<void> {
    await this.page.waitForFunction((name) => window.cans.all.get(name)!.desk.facts().gate !== null, this.name, {
      timeout,
      polling: 20,
    });
  }

  note(n: number): Promise<void> {
    return this.page.evaluate(([name, number]) => window.cans.all.get(name)!.desk.note(number), [
      this.name,
      n,
    ] as const);
  }

  async untilNote(n: number, timeout = 10_000): Promise<void> {
    await this.page.waitForFunction(
      ([name, number]) => window.cans.all.get(name)!.desk.facts().notes.includes(number),
      [this.name, n] as const,
      { timeout, polling: 20 },
    );
  }

  /** Waits for any fact of the desk to hold. */
  async untilFact<K extends keyof DeskFacts>(key: K, value: DeskFacts[K], timeout = 20_000): Promise<void> {
    await this.page.waitForFunction(
      ([name, fact, wanted]) => window.cans.all.get(name)!.desk.facts()[fact as 'lanes'] === wanted,
      [this.name, key, value] as const,
      { timeout, polling: 20 },
    );
  }

  /** Spare pairs that both sides hold ready. */
  async untilSpares(count: number, timeout = 20_000): Promise<void> {
    const end = performance.now() + timeout;
    while (performance.now() < end) {
      const lines = await this.page.evaluate((name) => window.cans.all.get(name)!.link.report(false), this.name);
      if (lines.some((line) => line.name === 'spares' && line.value === String(count))) return;
    }
    throw new Error(`${this.name} never had ${count} spares`);
  }

  do(what: 'disconnect' | 'pairAgain' | 'newCode'): Promise<void> {
    return this.page.evaluate(([name, verb]) => window.cans.all.get(name)!.link[verb](), [this.name, what] as const);
  }

  wantLanes(count: number): Promise<void> {
    return this.page.evaluate(([name, n]) => window.cans.all.get(name)!.desk.wantLanes(n), [this.name, count] as const);
  }

  nudge(why: 'addresses' | 'woke' | 'online'): Promise<void> {
    return this.page.evaluate(([name, w]) => window.cans.all.get(name)!.link.nudge(w), [this.name, why] as const);
  }
}

export async function pairByPaste(a: TestCan, b: TestCan): Promise<void> {
  expectTaken(await b.take(await a.code('invite')));
  expectTaken(await a.take(await b.code('reply')));
  await Promise.all([a.until('linked'), b.until('linked')]);
}

export async function linkByPaste(a: TestCan, b: TestCan): Promise<void> {
  await pairByPaste(a, b);
  await Promise.all([a.settle('match'), b.settle('match')]);
  await Promise.all([a.untilGate(), b.untilGate()]);
}

function expectTaken(fault: string | undefined): void {
  if (fault !== undefined) throw new Error(`the code was refused: ${fault}`);
}
