// The browser shell's composition root: host, local server, a browser window, and a clean end. Standard output carries one
// line, the address; everything else goes to standard error.

import path from 'node:path';
import { usage } from '../host/command-line.ts';
import { defaultDataDir, holdDataDir, holdFreeDataDir } from '../host/data-folder.ts';
import { openDisk } from '../host/open-disk.ts';
import { openHost } from '../host/open-host.ts';
import { watchMachine } from '../host/watch-machine.ts';
import manifest from '../package.json' with { type: 'json' };
import { readShellArguments, type ShellArguments } from './arguments.ts';
import { findBrowser } from './find-browser.ts';
import { findFirefox } from './find-firefox.ts';
import { type LocalServer, openLocalServer } from './local-server.ts';
import { type AppWindow, openWindow, type WindowOptions } from './open-window.ts';
import { openShellServices } from './shell-services.ts';
import { startPageIn } from './start-page.ts';

const slowDiskMs = process.env.TINCAN_TEST_WRITE_DELAY_MS;
const request = readRequest();
if (request === undefined) {
  process.exitCode = 2;
} else {
  run(request).catch((error: unknown) => {
    console.error('Tincan could not start:', error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

function readRequest(): ShellArguments | undefined {
  try {
    return readShellArguments(process.argv.slice(2), process.cwd());
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

async function run({ open, port, dataDir: askedDir, downloadDir, paths }: ShellArguments): Promise<void> {
  const disk = openDisk();
  const held = await (askedDir === undefined
    ? holdFreeDataDir(disk, defaultDataDir('Tincan (browser)'))
    : holdDataDir(disk, askedDir));
  const { dir: dataDir } = held;
  const life = new AbortController();
  const host = await openHost({
    dataDir,
    disk,
    version: manifest.version,
    services: openShellServices({ ending: life.signal }),
    ...(downloadDir === undefined ? {} : { downloadDir }),
    // The bench measures what a slow disk does to memory.
    ...(slowDiskMs === undefined ? {} : { writeDelayMs: Number(slowDiskMs) }),
  });
  const pageDir = path.join(import.meta.dirname, '..', 'renderer');
  const server = await openLocalServer({ host, pageDir, port });
  const machine = watchMachine(host);
  if (paths.length > 0) {
    // For nobody in particular: there is no page yet that was told of it.
    await host.stageOpened({ batch: 0, told: 1, paths }).catch((error: unknown) => {
      console.error('Not everything could be staged:', error instanceof Error ? error.message : error);
    });
  }
  const window = open ? await showWindow(server, dataDir) : undefined;

  let ending = false;
  const end = async (): Promise<void> => {
    // A second Ctrl-C must not cut short what the first one began.
    if (ending) return;
    ending = true;
    life.abort();
    machine.close();
    window?.close();
    await server.close();
    await host.close();
    held.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      end().catch((error: unknown) => {
        console.error('Tincan did not close cleanly:', error instanceof Error ? error.message : error);
        process.exit(1);
      });
    });
  }
  // Whoever has the token has the host: it is printed where somebody needs it, and not into a desktop's log.
  const isRead = window === undefined || process.stdout.isTTY;
  process.stdout.write(`Tincan ready at ${isRead ? server.printedUrl() : server.origin}\n`);
}

/** Chromium first: it shows a page as a window of its own. Who names a Firefox alone gets that. */
function findWindowBrowser(): Pick<WindowOptions, 'browser' | 'kind'> | undefined {
  const { CHROME_PATH, FIREFOX } = process.env;
  const chromium = FIREFOX && !CHROME_PATH ? undefined : findBrowser(process.env, process.platform);
  if (chromium !== undefined) return { browser: chromium, kind: 'chromium' };
  const firefox = findFirefox(process.env, process.platform);
  return 'path' in firefox ? { browser: firefox.path, kind: 'firefox' } : undefined;
}

/** Undefined where no browser is installed. */
async function showWindow(server: LocalServer, dataDir: string): Promise<AppWindow | undefined> {
  const found = findWindowBrowser();
  if (found === undefined) {
    console.error('No Chromium-family browser and no Firefox was found. Open the address below in one yourself.');
    return undefined;
  }
  const page = startPageIn(dataDir);
  await page.write(server.startUrl(page.remove));
  const window = openWindow({
    ...found,
    url: page.url,
    dataDir,
    onFailed: (code) => {
      page.remove();
      console.error(
        `The browser could not be started (${code}). Start Tincan with --no-open and open the address yourself.`,
      );
    },
  });
  return {
    close() {
      page.remove();
      window.close();
    },
  };
}
