// Starts the real built main process on the stand-in, and shows its window in a real Chromium that this process drives.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Settings } from '../../shared/ipc/settings.ts';
import { addressBarPages, browserPath, Instance, inNamespace, root, temporaryFolder } from '../e2e/instance.ts';
import type * as electron from './electron.ts';
import type { ShowOrder } from './windows.ts';
import { portsLikeElectrons } from './wire.ts';

export type StandInOptions = {
  readonly name: string;
  readonly folder?: string;
  /** What the person had set before. */
  readonly settings?: Partial<Settings>;
  /** What follows our own options on the command line. */
  readonly args?: readonly string[];
  /** A window that never draws a frame while it is hidden, as under Wayland (electron#48859). */
  readonly wayland?: boolean;
  /** Runs in each page before anything of the app's. */
  readonly inPage?: () => void;
  /** A network namespace that the whole of it lives in. */
  readonly namespace?: string;
  /** Where a person typed the command. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

type FromChild =
  | ShowOrder
  | { readonly is: 'ready'; readonly origin: string; readonly switches: readonly string[] }
  | { readonly is: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: string };

export type MainProcess = {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly downloadDir: string;
  readonly folder: string;
  readonly exited: Promise<number | null>;
  readonly stderr: readonly string[];
};

const register = fileURLToPath(new URL('register.mjs', import.meta.url));
const glue = stripTypeScriptTypes(readFileSync(new URL('page-glue.ts', import.meta.url), 'utf8')).replace(
  'export function',
  'function',
);
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The main process alone: a second launch, or one that is to refuse. */
export function startMain(options: StandInOptions, env: Readonly<Record<string, string>> = {}): MainProcess {
  const folder = options.folder ?? temporaryFolder(options.name);
  const dataDir = path.join(folder, 'data');
  const downloadDir = path.join(folder, 'downloads');
  mkdirSync(downloadDir, { recursive: true });
  if (options.settings !== undefined) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path.join(dataDir, 'settings.json'), JSON.stringify(options.settings));
  }
  const args = ['--data-dir', dataDir, '--download-dir', downloadDir, ...(options.args ?? [])];
  const [program, ...before] = inNamespace(options.namespace, process.execPath);
  const script = path.join(root, 'dist/electron/main.mjs');
  const child = spawn(program!, [...before, '--import', register, script, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...options.env, ...env },
    cwd: options.cwd ?? root,
  });
  running.add(child);
  const stderr: string[] = [];
  child.stderr!.on('data', (chunk) => stderr.push(String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  void exited.then(() => running.delete(child));
  return { child, dataDir, downloadDir, folder, exited, stderr };
}

export class StandIn extends Instance {
  readonly main: MainProcess;
  readonly dataDir: string;
  readonly #asking = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #nextId = 1;

  constructor(parts: { name: string; main: MainProcess; page: Page; browser: Browser; complaints: string[] }) {
    const { main, ...rest } = parts;
    super({ ...rest, folder: main.folder, downloadDir: main.downloadDir, url: rest.page.url(), host: main.child });
    this.main = main;
    this.dataDir = main.dataDir;
    main.child.on('message', (message: FromChild) => {
      if (message.is !== 'answer') return;
      const asked = this.#asking.get(message.id);
      if (message.error === undefined) asked?.resolve(message.value);
      else asked?.reject(new Error(message.error));
    });
    void main.exited.then(() => {
      for (const asked of this.#asking.values()) asked.reject(new Error('main ended without an answer'));
    });
  }

  /** Ends the page's process for real, and goes on with the page that main puts in its place. */
  crashPage(): Promise<void> {
    return this.untilNextPage(() => this.endPage());
  }

  /** Ends the page's process for real. */
  async endPage(): Promise<void> {
    const devTools = await this.page.context().newCDPSession(this.page);
    // Whoever crashes does not answer.
    void devTools.send('Page.crash').catch(() => undefined);
  }

  /** Goes on with the page that main shows next. */
  async untilNextPage(happen: () => Promise<unknown>): Promise<void> {
    const next = this.page.context().waitForEvent('page');
    await happen();
    this.page = await next;
    await this.page.getByTestId('session').waitFor();
  }

  /** Runs in the main process, with the stand-in module in hand. Only its own argument reaches it from here. Fails where main is gone. */
  inMain<T, A = undefined>(run: (module: typeof electron, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#asking.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.main.child.send({ id, source: String(run), argument }, (error) => error && reject(error));
    });
  }
}

export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const main = startMain(options);
  const { wayland = false, inPage } = options;
  const complaints: string[] = [];
  const pages = new Map<number, Page>();
  const loading = new Set<string>();
  const opened = Promise.withResolvers<BrowserContext>();
  const shown = Promise.withResolvers<void>();
  let origin = '';
  let standIn: StandIn | undefined;

  const follow = async (order: ShowOrder): Promise<void> => {
    if (order.is === 'close') {
      await pages.get(order.window)?.close();
      return;
    }
    const { window } = order;
    const context = await opened.promise;
    const page = await context.newPage();
    await pages.get(window)?.close();
    pages.set(window, page);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('crash', () => void standIn?.inMain(tellGone, window).catch(mainIsGone));
    if (inPage !== undefined) await page.addInitScript(inPage);
    await page.addInitScript(preloadScript(order.preload, { window, origin }));
    // Chromium keeps this itself and asks it of nobody; main's check decides what it is.
    await context.grantPermissions(order.mayUseVideo ? ['camera'] : [], { origin });
    const address = order.url.replace('app://bundle', origin);
    // Main's own loading is no navigation of the page's.
    loading.add(address);
    await page.goto(address);
    await standIn?.inMain(tellShown, { window, wayland }).catch(mainIsGone);
    shown.resolve();
  };

  const failed = (error: unknown): void => {
    complaints.push(String(error));
    shown.reject(error);
  };
  const ready = new Promise<{ origin: string; switches: readonly string[] }>((resolve, reject) => {
    void main.exited.then((code) => reject(new Error(`main ended with ${code}: ${main.stderr.join('')}`)));
    main.child.on('message', (message: FromChild) => {
      if (message.is === 'ready') resolve(message);
      else if (message.is !== 'answer') void follow(message).catch(failed);
    });
  });
  const told = await ready;
  origin = told.origin;
  const browser = await chromium.launch({
    executablePath: browserPath(main.folder, options.namespace),
    args: [
      ...['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      // Electron turns it on (shell/renderer/renderer_client_base.cc); Chromium ships it off.
      '--enable-blink-features=MessagePortCloseEvent',
      // The address bar's pages are of a Chromium's own windows, and Electron's have none.
      ...told.switches.map((it) => (it.startsWith('--disable-features=') ? `${it},${addressBarPages}` : it)),
    ],
  });
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  // Whatever is not ours, and each navigation that the page begins, goes past main's own rules first, as in Electron. A reload
  // is such a navigation.
  await context.route(
    () => true,
    async (route) => {
      const request = route.request();
      const isNavigation = request.isNavigationRequest();
      const url = request.url().replace(origin, 'app://bundle');
      const isOurs = request.url().startsWith(`${origin}/`);
      if (isOurs && (!isNavigation || loading.delete(request.url()))) return route.continue();
      const isAllowed = await standIn?.inMain(mayGo, { url, isNavigation }).catch(mainIsGone);
      return isAllowed ? route.continue() : route.abort('blockedbyclient');
    },
  );
  opened.resolve(context);
  await Promise.race([
    shown.promise,
    main.exited.then(() => Promise.reject(new Error('main ended before it showed a window'))),
  ]);
  const [[window, page]] = [...pages] as [[number, Page]];
  standIn = new StandIn({ name: options.name, main, page, browser, complaints });
  await standIn.inMain(tellShown, { window, wayland });
  await page.getByTestId('session').waitFor();
  return standIn;
}

/** It may quit while its page still loads, or asks. */
function mainIsGone(): undefined {
  return undefined;
}

function preloadScript(file: string, options: { window: number; origin: string }): string {
  return `(() => {
    if (location.origin !== ${JSON.stringify(options.origin)} || window.top !== window) return;
    ${portsLikeElectrons}
    ${glue}
    const electron = standInElectron(${JSON.stringify(options)});
    const module = { exports: {} };
    ((require, module, exports) => { ${readFileSync(file, 'utf8')}\n })(() => electron, module, module.exports);
  })();`;
}

function tellShown({ BrowserWindow }: typeof electron, told: { window: number; wayland: boolean }): void {
  const { window, wayland } = told;
  if (!wayland) BrowserWindow.all.get(window)?.emit('ready-to-show');
  BrowserWindow.all.get(window)?.webContents.emit('did-finish-load');
}

function tellGone({ BrowserWindow }: typeof electron, window: number): void {
  BrowserWindow.all.get(window)?.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
}

function mayGo({ standIn }: typeof electron, { url, isNavigation }: { url: string; isNavigation: boolean }): boolean {
  return isNavigation ? standIn.mayNavigate(1, url) : standIn.mayRequest(url);
}
