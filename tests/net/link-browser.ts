// A Chromium that holds one or more links, in this network or in a namespace of its own, and what tests ask of a link.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { ConnectingHint, LinkView } from '../../shared/model/link-view.ts';
import { bareFlags, browserPath } from '../e2e/instance.ts';
import type { PageLinkOptions } from './page/page.ts';
import type { EngineFacts } from './page/test-engine.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
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

export class LinkBrowser {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #folder: string;

  constructor(browser: Browser, page: Page, folder: string) {
    this.#browser = browser;
    this.page = page;
    this.#folder = folder;
  }

  async open(name: string, options: PageLinkOptions = {}): Promise<TestLink> {
    await this.page.evaluate(([link, more]) => void window.links.open(link, more), [name, options] as const);
    return new TestLink(this.page, name);
  }

  /** One that the page opened itself. */
  link(name: string): TestLink {
    return new TestLink(this.page, name);
  }

  async close(): Promise<void> {
    await Promise.race([this.#browser.close(), new Promise((resolve) => setTimeout(resolve, 5_000))]).catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export async function openBrowser(namespace?: string, flags: readonly string[] = []): Promise<LinkBrowser> {
  const script = await pageScript();
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-net-'));
  const browser = await chromium.launch({
    executablePath: browserPath(folder, namespace),
    args: [...bareFlags, `--crash-dumps-dir=${folder}`, ...flags],
  });
  const page = await browser.newPage();
  await page.route(`${origin}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>links</title>' }),
  );
  await page.goto(`${origin}/`);
  await page.addScriptTag({ content: script });
  return new LinkBrowser(browser, page, folder);
}

export class TestLink {
  readonly name: string;
  readonly page: Page;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  view(): Promise<LinkView> {
    return this.page.evaluate((name) => window.links.all.get(name)!.link.view(), this.name);
  }

  facts(): Promise<EngineFacts> {
    return this.page.evaluate((name) => window.links.all.get(name)!.engine.facts(), this.name);
  }

  /** Resolves with the milliseconds it took. */
  async until(at: LinkView['at'], timeout = 20_000): Promise<number> {
    const from = performance.now();
    await this.page
      .waitForFunction(
        ([name, wanted]) => window.links.all.get(name)!.link.view().at === wanted,
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
        const view = window.links.all.get(name)!.link.view();
        return view.at === 'connecting' && view.hint === wanted;
      },
      [this.name, hint] as const,
      { timeout, polling: 100 },
    );
  }

  async code(kind: 'invite' | 'reply', timeout = 10_000): Promise<string> {
    const handle = await this.page.waitForFunction(
      ([name, wanted]) => {
        const view = window.links.all.get(name)!.link.view();
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
      async ([name, code, how]) => (await window.links.all.get(name)!.link.takeCode(code, how))?.code,
      [this.name, text, via] as const,
    );
  }

  async digits(timeout = 10_000): Promise<string> {
    await this.until('linked', timeout);
    const view = await this.view();
    return view.at === 'linked' ? view.peer.trust.digits : '';
  }

  confirm(choice: 'match' | 'skip'): Promise<void> {
    return this.page.evaluate(([name, how]) => window.links.all.get(name)!.link.confirmVerification(how), [
      this.name,
      choice,
    ] as const);
  }

  async untilGate(timeout = 10_000): Promise<void> {
    await this.page.waitForFunction(
      (name) => window.links.all.get(name)!.engine.facts().authorized !== null,
      this.name,
      {
        timeout,
        polling: 20,
      },
    );
  }

  note(n: number): Promise<void> {
    return this.page.evaluate(([name, number]) => window.links.all.get(name)!.engine.note(number), [
      this.name,
      n,
    ] as const);
  }

  async untilNote(n: number, timeout = 10_000): Promise<void> {
    await this.page.waitForFunction(
      ([name, number]) => window.links.all.get(name)!.engine.facts().notes.includes(number),
      [this.name, n] as const,
      { timeout, polling: 20 },
    );
  }

  /** Waits for a fact of the engine to hold. */
  async untilFact<K extends keyof EngineFacts>(key: K, value: EngineFacts[K], timeout = 20_000): Promise<void> {
    await this.page.waitForFunction(
      ([name, fact, wanted]) => window.links.all.get(name)!.engine.facts()[fact as 'lanes'] === wanted,
      [this.name, key, value] as const,
      { timeout, polling: 20 },
    );
  }

  /** Standby pairs that both sides hold ready. */
  async untilStandby(count: number, timeout = 20_000): Promise<void> {
    const end = performance.now() + timeout;
    while (performance.now() < end) {
      const lines = await this.page.evaluate((name) => window.links.all.get(name)!.link.report(false), this.name);
      if (lines.some((line) => line.name === 'standby' && line.value === String(count))) return;
    }
    throw new Error(`${this.name} never had ${count} standby pairs`);
  }

  do(what: 'disconnect' | 'pairAgain' | 'newCode'): Promise<void> {
    return this.page.evaluate(([name, verb]) => window.links.all.get(name)!.link[verb](), [this.name, what] as const);
  }

  wantLanes(count: number): Promise<void> {
    return this.page.evaluate(([name, n]) => window.links.all.get(name)!.engine.wantLanes(n), [
      this.name,
      count,
    ] as const);
  }

  nudge(why: 'addresses' | 'woke' | 'online'): Promise<void> {
    return this.page.evaluate(([name, w]) => window.links.all.get(name)!.link.nudge(w), [this.name, why] as const);
  }
}

export async function pairByPaste(a: TestLink, b: TestLink): Promise<void> {
  expectTaken(await b.take(await a.code('invite')));
  expectTaken(await a.take(await b.code('reply')));
  await Promise.all([a.until('linked'), b.until('linked')]);
}

export async function linkByPaste(a: TestLink, b: TestLink): Promise<void> {
  await pairByPaste(a, b);
  await Promise.all([a.confirm('match'), b.confirm('match')]);
  await Promise.all([a.untilGate(), b.untilGate()]);
}

function expectTaken(fault: string | undefined): void {
  if (fault !== undefined) throw new Error(`the code was refused: ${fault}`);
}
