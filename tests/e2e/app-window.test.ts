// The app window as `npm start -- --browser` opens it: nothing that the computer's other accounts can read of its processes
// lets anybody in, and files go only where a person said.

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { chromiumPath } from '../../build/chromium-path.ts';
import { startCodeHeader, startPath, tokenProtocol } from '../../shared/ipc/bridge-protocol.ts';
import hostEnvironment from '../../shared/model/host-environment.json' with { type: 'json' };
import { root, temporaryFolder } from './instance.ts';

type Window = {
  readonly host: ChildProcess;
  readonly folder: string;
  readonly origin: string;
  readonly line: string;
  readonly browser: Browser;
  readonly page: Page;
};

let opened: Window | undefined;

afterEach(async () => {
  await opened?.browser.close().catch(() => undefined);
  opened?.host.kill('SIGINT');
  opened = undefined;
});

/** A desktop whose browser is a real Chromium without a screen, looked into over its debugging port. */
async function openAppWindow(): Promise<Window> {
  const folder = temporaryFolder('app-window');
  const program = path.join(folder, 'browser.sh');
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${chromiumPath}' --headless --no-sandbox --disable-background-networking --remote-debugging-port=0 "$@"\n`,
  );
  chmodSync(program, 0o755);
  const zenity = path.join(folder, 'zenity');
  mkdirSync(path.join(folder, 'chosen'));
  writeFileSync(zenity, `#!/bin/sh\nprintf '%s\\n' '${folder}/chosen'\n`);
  chmodSync(zenity, 0o755);
  const dirs = { data: path.join(folder, 'data'), downloads: path.join(folder, 'downloads') };
  mkdirSync(dirs.downloads);
  const host = spawn(
    process.execPath,
    [
      path.join(root, 'dist/browser/main.mjs'),
      '--browser',
      ...['--port', '0', '--data-dir', dirs.data, '--download-dir', dirs.downloads],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...hostEnvironment,
        CHROME_PATH: program,
        DISPLAY: ':0',
        PATH: `${folder}:${process.env.PATH}`,
      },
    },
  );
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: host.stdout! }).on('line', resolve);
    host.once('exit', (code) => reject(new Error(`the host ended with ${code}`)));
  });
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)![0];
  const portFile = path.join(dirs.data, 'browser-profile', 'DevToolsActivePort');
  await expect
    .poll(() => existsSync(portFile) && readFileSync(portFile, 'utf8').includes('\n'), { timeout: 20_000 })
    .toBe(true);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${readFileSync(portFile, 'utf8').split('\n')[0]}`);
  const page = browser.contexts()[0]!.pages()[0]!;
  opened = { host, folder, origin, line, browser, page };
  return opened;
}

/** Arguments and environment of a process and of all that it started. */
function exposedBy(pid: number): string[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const parent = readProc(`${name}/stat`).replace(/^.*\) \S /, '');
    parents.set(Number(name), Number.parseInt(parent, 10));
  }
  const family = new Set([pid]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  expect(family.size).toBeGreaterThan(3);
  return [...family].flatMap((each) =>
    [`${each}/cmdline`, `${each}/environ`, `${each}/comm`].flatMap((file) => readProc(file).split('\0')),
  );
}

function readProc(file: string): string {
  try {
    return readFileSync(path.join('/proc', file), 'latin1');
  } catch {
    return '';
  }
}

function opensSocket(origin: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const address = `${origin.replace('http', 'ws')}/bridge/ui?page=${'c'.repeat(32)}&take=1`;
    const socket = new WebSocket(address, tokenProtocol(token), { headers: { Origin: origin } });
    socket.on('open', () => resolve(true));
    socket.on('error', () => resolve(false));
  });
}

async function isExchanged(origin: string, code: string): Promise<boolean> {
  const answer = await fetch(`${origin}${startPath}`, {
    method: 'POST',
    headers: { Origin: origin, [startCodeHeader]: code },
  });
  return answer.ok;
}

describe.runIf(process.platform === 'linux')('the app window', () => {
  it('is let in, and nothing that other accounts can read of its processes lets anybody else in', async () => {
    const { folder, host, line, origin, page } = await openAppWindow();
    const atStart = exposedBy(host.pid!);
    await page.getByTestId('session').waitFor();
    const exposed = [...atStart, ...exposedBy(host.pid!), line, await page.title(), page.url()];

    const secrets = new Set(exposed.flatMap((text) => text.match(/[0-9a-zA-Z_-]{32,}/g) ?? []));
    for (const text of exposed) {
      // Variables of the environment may hold anything behind a `#`; a token has no other letters than these.
      const fragment = /#(?:start-)?([\w-]+)$/.exec(text)?.[1];
      if (fragment !== undefined) secrets.add(fragment);
    }
    for (const secret of secrets) {
      expect(await opensSocket(origin, secret), secret).toBe(false);
      expect(await isExchanged(origin, secret), secret).toBe(false);
    }
    expect(exposed.filter((text) => text.includes(`${origin}/#`))).toEqual([]);
    // The file that stands in the arguments is gone once it was used.
    expect(exposed.some((text) => text.startsWith('--app=file:'))).toBe(true);
    expect(existsSync(path.join(folder, 'data', 'start.html'))).toBe(false);
    expect(statSync(path.join(folder, 'data')).mode & 0o077).toBe(0);
    expect(await page.getByTestId('session').count()).toBe(1);
  });

  it('stays let in over a reload', async () => {
    const { page } = await openAppWindow();
    await page.getByTestId('session').waitFor();
    await page.reload();
    await page.getByTestId('session').waitFor();
  });

  it('opens no other window, and saves elsewhere only by way of a dialog of the desktop', async () => {
    const { folder, page } = await openAppWindow();
    await page.getByTestId('session').waitFor();
    expect(await page.evaluate(() => window.open('https://example.org') === null)).toBe(true);
    await page.getByTestId('settings').click();
    const setting = page.getByTestId('setting-download-dir');
    expect(await setting.innerText()).toBe(path.join(folder, 'downloads'));
    await setting.click();
    await expect.poll(() => setting.innerText()).toBe(path.join(folder, 'chosen'));
  });
});
