// One whole Tincan under test: a real host process with its own folders and a real Chromium showing its page.
// Everything is driven through the data-testid handles, as a person would.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { TestContext } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import type { Settings } from '../../shared/ipc/settings.ts';
import hostEnvironment from '../../shared/model/host-environment.json' with { type: 'json' };
import { featuresOff, featuresOn } from '../../shared/model/window-switches.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));
const results = path.join(root, 'tests', '.results');

/**
 * Pages of Chromium's own behind the address bar of every window that a test opens: half of the processor time of its start
 * (Chromium 156). Windows of Tincan have no address bar, and Chromium starts none of them there.
 */
export const addressBarPages = 'WebUIOmniboxPopup,WebUIOmniboxAimPopup';

const quietFlags = ['--no-sandbox', '--disable-background-networking'];
/** A Chromium that is nobody's window. */
export const bareFlags = [...quietFlags, `--disable-features=${featuresOff},${addressBarPages}`];
/** One that hides its addresses, as other people's browsers do. */
export const hidingFlags = [...quietFlags, `--disable-features=${addressBarPages}`];
/** As browser/open-window.ts starts it. */
export const chromiumFlags = [...bareFlags, `--enable-features=${featuresOn}`];

export type InstanceOptions = {
  readonly name: string;
  readonly folder?: string;
  readonly files?: readonly string[];
  readonly browserFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** A network namespace that the whole of it lives in, host and browser. */
  readonly namespace?: string;
  /** What the person had set before. */
  readonly settings?: Partial<Settings>;
  /** Runs before the page is opened. */
  readonly preparePage?: (page: Page) => Promise<unknown>;
};

export class Instance {
  readonly name: string;
  readonly folder: string;
  readonly downloadDir: string;
  readonly url: string;
  /** Another one takes its place when it crashes and comes back. */
  page: Page;
  readonly host: ChildProcess;
  /** Console errors and page errors, CSP violations among them. A test that ends with any has failed. */
  readonly complaints: string[];
  readonly #browser: Browser;

  constructor(parts: {
    name: string;
    folder: string;
    downloadDir: string;
    url: string;
    page: Page;
    host: ChildProcess;
    browser: Browser;
    complaints: string[];
  }) {
    this.name = parts.name;
    this.folder = parts.folder;
    this.downloadDir = parts.downloadDir;
    this.url = parts.url;
    this.page = parts.page;
    this.host = parts.host;
    this.#browser = parts.browser;
    this.complaints = parts.complaints;
  }

  at(handle: string) {
    return this.page.getByTestId(handle);
  }

  async session(state: string, timeout = 60_000): Promise<void> {
    await this.page.locator(`[data-testid="session"][data-state="${state}"]`).waitFor({ timeout });
  }

  async screenshot(title: string): Promise<void> {
    mkdirSync(results, { recursive: true });
    const file = `${title}-${this.name}.png`.replace(/[^\w.-]+/g, '-').toLowerCase();
    await this.page.screenshot({ path: path.join(results, file), fullPage: true }).catch(() => undefined);
  }

  async closePage(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
  }

  /** Ctrl-C; answers with the exit status. */
  async stop(): Promise<number | null> {
    await this.closePage();
    return this.stopHost('SIGINT');
  }

  async stopHost(signal: NodeJS.Signals): Promise<number | null> {
    if (this.host.exitCode !== null || this.host.signalCode !== null) return this.host.exitCode;
    const exited = new Promise<number | null>((resolve) => this.host.once('exit', (code) => resolve(code)));
    this.host.kill(signal);
    return exited;
  }
}

const folders = new Set<string>();
const hosts = new Set<ChildProcess>();
process.once('exit', () => {
  for (const host of hosts) host.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Temporary folder that is gone with the process unless a test removes it first. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `tincan-${name}-`));
  folders.add(folder);
  return folder;
}

export type RunningHost = { readonly process: ChildProcess; readonly url: string; readonly stdout: readonly string[] };

/** Starts the browser shell and waits for its one line. */
export async function startHost(options: {
  readonly dataDir: string;
  readonly downloadDir: string;
  readonly files?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly namespace?: string;
}): Promise<RunningHost> {
  const args = [
    path.join(root, 'dist/browser/main.mjs'),
    '--browser',
    '--no-open',
    '--port',
    String(options.port ?? 0),
    '--data-dir',
    options.dataDir,
    '--download-dir',
    options.downloadDir,
    ...(options.files ?? []),
  ];
  const [program, ...before] = inNamespace(options.namespace, process.execPath);
  const child = spawn(program!, [...before, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...hostEnvironment, ...options.env },
  });
  hosts.add(child);
  child.once('exit', () => hosts.delete(child));
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stderr.on('data', (chunk) => stderr.push(String(chunk)));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      stdout.push(line);
      const ready = /^Tincan ready at (http:\/\/127\.0\.0\.1:\d+\/#\S+)$/.exec(line);
      if (ready) resolve(ready[1]!);
    });
    child.once('exit', (code) => reject(new Error(`the host ended with ${code}: ${stderr.join('')}`)));
  });
  return { process: child, url, stdout };
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const folder = options.folder ?? temporaryFolder(options.name);
  const dataDir = path.join(folder, 'data');
  const downloadDir = path.join(folder, 'downloads');
  mkdirSync(dataDir, { recursive: true });
  mkdirSync(downloadDir, { recursive: true });
  if (options.settings !== undefined)
    writeFileSync(path.join(dataDir, 'settings.json'), JSON.stringify(options.settings));
  const host = await startHost({
    dataDir,
    downloadDir,
    files: options.files ?? [],
    env: options.env ?? {},
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  });
  const browser = await chromium.launch({
    executablePath: browserPath(folder, options.namespace),
    args: [...chromiumFlags, ...(options.browserFlags ?? [])],
  });
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await options.preparePage?.(page);
  await page.goto(host.url);
  const instance = new Instance({
    name: options.name,
    folder,
    downloadDir,
    url: host.url,
    page,
    host: host.process,
    browser,
    complaints,
  });
  return instance;
}

export function inNamespace(namespace: string | undefined, program: string): string[] {
  return namespace === undefined ? [program] : ['ip', 'netns', 'exec', namespace, program];
}

/** Chromium is started by a script when it has to live in a namespace: every process of it is then inside. */
export function browserPath(folder: string, namespace: string | undefined): string {
  if (namespace === undefined) return chromiumPath;
  const script = path.join(folder, 'chromium.sh');
  writeFileSync(script, `#!/bin/sh\nexec ${inNamespace(namespace, chromiumPath).join(' ')} "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}

/** For `afterEach`: a picture of every screen when the test failed, then Ctrl-C. Answers with what the pages complained of. */
export async function stopAll(instances: readonly Instance[], { task }: Pick<TestContext, 'task'>): Promise<string[]> {
  if (task.result?.state === 'fail') await Promise.all(instances.map((each) => each.screenshot(task.name)));
  await Promise.all(instances.map((each) => each.stop()));
  return instances.flatMap(({ complaints }) => complaints);
}
