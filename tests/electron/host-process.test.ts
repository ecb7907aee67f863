// The host process of the desktop app on the stand-in, a real process: it dies, it is started again, it is given up, and the app
// quits in the middle of a transfer without a question nobody could answer.

import { randomBytes } from 'node:crypto';
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import hostEnvironment from '../../shared/model/host-environment.json' with { type: 'json' };
import { startHost, stopAll, temporaryFolder } from '../e2e/instance.ts';
import { logOf } from '../e2e/log-lines.ts';
import { doneBytes, link, pairAgain, sha256Of, treeOf, waitForState } from '../e2e/pairing.ts';
import { type StandIn, startMain, startStandIn } from '../electron-standin/launch.ts';

const bytes = 48 * 1_048_576;

/** Ends the host process as the system does when memory is short. */
const killHost = (app: StandIn) =>
  app.inMain(({ standIn }) => {
    const [host] = standIn.utilities;
    const { pid } = host!;
    process.kill(pid!, 'SIGKILL');
    return pid;
  });
const hostOf = (app: StandIn) => app.inMain(({ standIn }) => [...standIn.utilities][0]?.pid);

/** Of the journals of what is arriving. */
const journalBytes = ({ downloadDir }: StandIn) =>
  globSync('.tincan-*/blocks', { cwd: downloadDir }).reduce(
    (sum, name) => sum + statSync(path.join(downloadDir, name)).size,
    0,
  );

/** A notice that is gone with the page that showed it is still known to the next one. */
const keepNotice = (app: StandIn) =>
  app.page.evaluate(() => {
    const look = () => {
      const text = document.querySelector<HTMLElement>('[data-testid="host-gone"]')?.innerText;
      if (text !== undefined) sessionStorage.setItem('test-notice', text);
    };
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
function keepPortsSilent(): void {
  const { addEventListener } = MessagePort.prototype;
  MessagePort.prototype.addEventListener = function (this: MessagePort, type: string, ...rest: never[]) {
    if (type !== 'close') Reflect.apply(addEventListener, this, [type, ...rest]);
  };
}

function countPortCloses(): void {
  const { addEventListener } = MessagePort.prototype;
  MessagePort.prototype.addEventListener = function (this: MessagePort, type: string, ...rest: never[]) {
    Reflect.apply(addEventListener, this, [type, ...rest]);
    if (type !== 'close') return;
    const count = () =>
      sessionStorage.setItem('test-closes', String(Number(sessionStorage.getItem('test-closes')) + 1));
    Reflect.apply(addEventListener, this, ['close', count]);
  };
}

const noticeOf = (app: StandIn) => app.page.evaluate(() => sessionStorage.getItem('test-notice'));

async function twoInTheMiddle(): Promise<{ anna: StandIn; ben: StandIn; film: string }> {
  const film = path.join(temporaryFolder('source'), 'film.bin');
  writeFileSync(film, randomBytes(bytes));
  // The direct lane would be done before anybody could interrupt it.
  const settings = { directLane: false };
  const [anna, ben] = await Promise.all([
    startStandIn({ name: 'anna', settings }),
    startStandIn({ name: 'ben', settings }),
  ]);
  onTestFinished(async (context) => void (await stopAll([anna, ben], context)));
  await link(anna, ben);
  await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [film]);
  await anna.at('pick-files').click();
  await ben.at('accept').click();
  await expect.poll(() => doneBytes(ben, 'receive'), { timeout: 60_000, interval: 20 }).toBeGreaterThan(bytes / 8);
  // What is not in the journal yet travels again.
  await expect.poll(() => journalBytes(ben), { timeout: 20_000, interval: 20 }).toBeGreaterThan(0);
  return { anna, ben, film };
}

describe('a host process that is killed', () => {
  it('in the middle of receiving is started again; the page says so, and the transfer is offered to resume', async () => {
    const { anna, ben, film } = await twoInTheMiddle();
    await keepNotice(ben);
    const dead = await killHost(ben);
    // Nobody does anything on this page: it comes back by itself.
    await ben.session('pairing', 30_000);
    await expect.poll(() => noticeOf(ben)).toContain('Tincan is starting it again');
    expect(await hostOf(ben)).not.toBe(dead);
    await ben.at('unfinished').getByText('film.bin').waitFor();
    expect(await treeOf(ben.downloadDir)).not.toContain('film.bin');

    await pairAgain(anna, ben);
    await Promise.all([waitForState(anna, 'send', 'done'), waitForState(ben, 'receive', 'done')]);
    expect(await sha256Of(path.join(ben.downloadDir, 'film.bin'))).toBe(await sha256Of(film));
    const held = logOf(ben, ['film']).flatMap((event) =>
      event.is === 'transfer-started' ? [event.blocksHeld > 0] : [],
    );
    expect(held).toEqual([false, true]);
  });

  it('is noticed by main alone where the ports of the page do not say it, and the page comes back', async () => {
    const app = await startStandIn({ name: 'cleo', inPage: keepPortsSilent });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    await app.session('pairing');
    await keepNotice(app);
    await killHost(app);
    await expect.poll(() => noticeOf(app), { timeout: 20_000 }).toContain('Tincan is starting it again');
    await app.at('code-text').waitFor();
    await app.at('settings').click();
    await app.at('setting-language').selectOption('zh-CN');
    await app.page.getByRole('heading', { name: '设置' }).waitFor();
  });

  it('closes the ports of its page', async () => {
    const app = await startStandIn({ name: 'cleo', inPage: countPortCloses });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    await app.session('pairing');
    await app.inMain(({ BrowserWindow }) => {
      // Main says nothing, as if its message were late.
      for (const { webContents } of BrowserWindow.all.values()) webContents.postMessage = () => undefined;
    });
    await killHost(app);
    await expect
      .poll(() => app.page.evaluate(() => sessionStorage.getItem('test-closes')), { timeout: 20_000 })
      .toBe('1');
    await app.at('host-gone').waitFor();
  });

  it('three times within a minute is given up with a clear sentence, and started again when the person asks', async () => {
    const app = await startStandIn({ name: 'cleo' });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    await app.session('pairing');
    for (let death = 0; death < 3; death += 1) {
      await expect.poll(() => hostOf(app), { timeout: 20_000 }).toBeDefined();
      const dead = await killHost(app);
      await expect.poll(() => hostOf(app), { timeout: 20_000 }).not.toBe(dead);
    }
    await expect.poll(() => app.inMain(({ standIn }) => standIn.boxes)).toEqual(['Tincan cannot reach your files.']);
    expect(await hostOf(app)).toBeUndefined();
    await expect.poll(() => app.at('host-gone').innerText()).toContain('stopped three times within a minute');
    await app.inMain(({ standIn }) => standIn.openBoxes.shift()?.(0));
    await app.at('code-text').waitFor();
    expect(await hostOf(app)).toBeDefined();
  });
});

it.skipIf(process.platform !== 'linux')(
  'the host process has as many threads as a place that hangs must leave free',
  async () => {
    const app = await startStandIn({ name: 'cleo' });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    const host = await hostOf(app);
    expect(readdirSync(`/proc/${host}/task`).length).toBeGreaterThan(Number(hostEnvironment.UV_THREADPOOL_SIZE));
  },
);

describe('one data folder', () => {
  const startBrowserShell = ({ dataDir, downloadDir }: { dataDir: string; downloadDir: string }) =>
    startHost({ dataDir, downloadDir });

  it('that the browser shell uses is waited for with one line, and refused with another one and one message', async () => {
    const folder = temporaryFolder('both');
    const [dataDir, downloadDir] = [path.join(folder, 'data'), path.join(folder, 'downloads')];
    const browser = await startBrowserShell({ dataDir, downloadDir });
    const main = startMain({ name: 'cleo', folder });
    const boxes: string[] = [];
    main.child.on('message', (message: { is: string; title?: string }) => {
      if (message.is === 'box') boxes.push(message.title!);
    });
    expect(await main.exited).toBe(1);
    expect(boxes).toEqual(['Tincan is running already.']);
    const own = main.stderr
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('Tincan'));
    expect(own).toEqual([
      `Tincan waits for another Tincan to end: it is using ${dataDir}`,
      `Tincan could not start: another Tincan is using ${dataDir}`,
    ]);
    browser.process.kill('SIGINT');
  });

  it('that cannot be written is named in one message, though Electron only says that it gave no lock', async () => {
    const folder = temporaryFolder('unusable');
    writeFileSync(path.join(folder, 'data'), '');
    const main = startMain({ name: 'cleo', folder });
    const boxes: string[] = [];
    main.child.on('message', (message: { is: string; title?: string }) => {
      if (message.is === 'box') boxes.push(message.title!);
    });
    expect(await main.exited).toBe(1);
    expect(boxes).toEqual(['Tincan cannot use its data folder.']);
  });

  it('that the desktop app uses is refused to the browser shell, and free again after its host was killed', async () => {
    const app = await startStandIn({ name: 'cleo' });
    onTestFinished(async (context) => void (await stopAll([app], context)));
    await expect(startBrowserShell(app)).rejects.toThrow('another Tincan is using');
    const dead = await killHost(app);
    await expect.poll(() => hostOf(app), { timeout: 20_000 }).not.toBe(dead);
    await app.at('code-text').waitFor();
    await expect(startBrowserShell(app)).rejects.toThrow('another Tincan is using');
    await app.stop();
    const after = await startBrowserShell(app);
    after.process.kill('SIGINT');
  });
});

describe('quitting right after the start', () => {
  it('closes what is still opening in order', { repeats: 9 }, async () => {
    const main = startMain({ name: 'cleo' });
    const log = () =>
      globSync('logs/*', { cwd: main.dataDir }).map((name) => readFileSync(path.join(main.dataDir, name), 'utf8'));
    await expect.poll(() => log().join(''), { timeout: 20_000, interval: 1 }).toContain('"started"');
    main.child.kill('SIGTERM');
    expect(await main.exited).toBe(0);
    expect(log().join('')).toContain('"stopped"');
  });
});

describe('quitting in the middle of a transfer', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s asks nothing, takes a second one calmly, and keeps what arrived',
    async (signal) => {
      const { ben } = await twoInTheMiddle();
      await ben.closePage();
      const exited = ben.stopHost(signal);
      // One that comes while the first still waits to be handled is the same one to the system.
      const again = setInterval(() => ben.host.kill(signal), 20);
      expect(await exited.finally(() => clearInterval(again))).toBe(0);
      expect(logOf(ben, ['film']).at(-1)).toEqual({ is: 'stopped' });
    },
  );

  it.each(['a log-out of Windows', 'a shutdown of macOS or Linux'] as const)(
    'by %s asks nothing, and keeps what arrived',
    async (end) => {
      const { ben } = await twoInTheMiddle();
      const asked = await ben.inMain(({ BrowserWindow, powerMonitor, standIn }, kind) => {
        const event = { preventDefault: () => undefined, reasons: ['logoff'] };
        if (kind === 'a log-out of Windows') BrowserWindow.getAllWindows()[0]?.emit('query-session-end', event);
        else powerMonitor.emit('shutdown', event);
        return standIn.asked.filter((text) => text.includes('moving'));
      }, end);
      expect(asked).toEqual([]);
      expect(await ben.main.exited).toBe(0);
      expect(logOf(ben, ['film']).at(-1)).toEqual({ is: 'stopped' });
    },
  );
});
