// Tincan as a person uses it: two hosts, two Chromiums, files named on the command line, pair, accept, done.
// The clock runs from Accept to "done" on the sender: published on the other disk, verified on both sides.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { logFolder } from '../host/log.ts';
import { Instance, startHost, temporaryFolder } from '../tests/e2e/instance.ts';
import { link } from '../tests/e2e/pairing.ts';
import { type OwnWindow, openOwnWindow } from './own-window.ts';
import { cpuSecondsByThread, cpuSecondsOf, processTree, residentBytesOf } from './processes.ts';
import { detourScript, type UdpRelay } from './udp-relay.ts';
import { keepMemoryWarm, warmMemory } from './warm-memory.ts';

export type Run = {
  readonly paths: readonly string[];
  /** Picked in the page, which then reads them itself. Without it the host reads them. */
  readonly picked?: boolean;
  readonly bytes: number;
  readonly relay?: UdpRelay;
  /** Over the direct lane, which is up before anything moves. Without it over data channels only. */
  readonly direct?: boolean;
  /** Upper bound on lanes; without it as many as Tincan chooses. */
  readonly lanes?: number;
  readonly receiverEnv?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

export type RunResult = {
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  /** Of a side's host and its whole browser. */
  readonly cpuSecondsPerGiB: { readonly sender: number; readonly receiver: number };
  readonly hostCpuSecondsPerGiB: { readonly sender: number; readonly receiver: number };
  /** Of both sides together, by thread. */
  readonly cpuSecondsPerGiBOf: Readonly<Record<string, number>>;
  /** Peak minus idle (linked and offered, before anything moves). */
  readonly growthMiB: Readonly<Record<'senderHost' | 'senderPage' | 'receiverHost' | 'receiverPage', number>>;
  /** How late a timer of 10 ms fired in each host while the files moved: 99 of 100 were less late. */
  readonly loopP99Ms: { readonly sender: number; readonly receiver: number };
};

/** From when everybody stopped looking until Accept, at least. */
const quietMs = 2000;
/** Of it at the end: what is measured is read before anything moves. */
const readMs = 150;
const lookEveryMs = 100;

export async function diskToDisk(run: Run): Promise<RunResult> {
  const folder = temporaryFolder('bench');
  const [sender, receiver] = (await Promise.all([
    open('sender', path.join(folder, 'sender'), run, run.picked ? [] : run.paths),
    open('receiver', path.join(folder, 'receiver'), run, []),
  ])) as [Side, Side];
  const sides = [sender, receiver];
  try {
    await link(sender.instance, receiver.instance);
    if (run.picked) await pick(sender.instance.page, run.paths);
    await receiver.instance.at('offer').waitFor({ timeout: 60_000 });
    if (run.direct) await Promise.all(sides.map(({ instance }) => instance.at('lane-direct').waitFor()));
    const warmedFrom = Date.now();
    warmMemory(run.bytes);
    // Time to do it again until then.
    const acceptAfterMs = Math.max(quietMs, 3 * (Date.now() - warmedFrom));
    const watched = sides.map(processesOf);
    const idle = watched.map(sampleOf);
    const peaks = watched.map(sampleOf);
    await sender.instance.page.evaluate(noteTheEnd);
    const acceptAt = Date.now() + acceptAfterMs;
    await receiver.instance.page.evaluate(acceptLater, acceptAfterMs);
    // A relay is told addresses by the page, through who watches it; such a link is too slow for watching to matter.
    if (run.relay === undefined) await Promise.all(sides.map(({ window }) => window.lookAway()));
    await keepMemoryWarm(run.bytes, acceptAt - readMs);
    await sleep(Math.max(0, acceptAt - Date.now() - readMs));
    await Promise.all(sides.map(loopDelayOf));
    const threadsBefore = sides.map(threadsOf);
    const cpuBefore = sides.map(cpuOf);
    const sampler = setInterval(() => {
      for (const [at, processes] of watched.entries()) raise(peaks[at]!, sampleOf(processes));
    }, 250);
    await untilEnded(sender, run.timeoutMs ?? 600_000);
    clearInterval(sampler);
    const perGiB = run.bytes / 2 ** 30;
    const threadsAfter = sides.map(threadsOf);
    const cpu = sides.map(cpuOf).map(({ host, window }, at) => ({
      host: (host - cpuBefore[at]!.host) / perGiB,
      window: (window - cpuBefore[at]!.window) / perGiB,
    }));
    const [sent, received] = cpu as [(typeof cpu)[0], (typeof cpu)[0]];
    const loopP99Ms = await Promise.all(sides.map(loopDelayOf));
    const [endedAt, startedAt] = await Promise.all(sides.map(momentOf));
    const seconds = (endedAt! - startedAt!) / 1000;
    return {
      seconds,
      megabytesPerSecond: run.bytes / 1e6 / seconds,
      cpuSecondsPerGiB: { sender: sent.host + sent.window, receiver: received.host + received.window },
      hostCpuSecondsPerGiB: { sender: sent.host, receiver: received.host },
      cpuSecondsPerGiBOf: spentBetween(threadsBefore, threadsAfter, perGiB),
      growthMiB: {
        senderHost: toMiB(peaks[0]!.host - idle[0]!.host),
        senderPage: toMiB(peaks[0]!.page - idle[0]!.page),
        receiverHost: toMiB(peaks[1]!.host - idle[1]!.host),
        receiverPage: toMiB(peaks[1]!.page - idle[1]!.page),
      },
      loopP99Ms: { sender: loopP99Ms[0]!, receiver: loopP99Ms[1]! },
    };
  } finally {
    // The folder stays until the end: on some disks a file is slow to make while many were just removed.
    await Promise.all(sides.map(({ window, instance }) => window.close().then(() => instance.stopHost('SIGINT'))));
  }
}

type Side = {
  readonly instance: Instance;
  readonly window: OwnWindow;
  readonly hostPid: number;
  readonly logFile: string;
  readonly loopFile: string;
};
type Processes = { readonly host: number; readonly pages: readonly number[] };
type Sample = { host: number; page: number };
/** What a page keeps for when somebody looks again: on the sender when it was done, on the receiver when it accepted. */
type Noted = { moment?: number };

async function open(name: string, folder: string, run: Run, files: readonly string[]): Promise<Side> {
  const dataDir = path.join(folder, 'data');
  const downloadDir = path.join(folder, 'downloads');
  for (const each of [dataDir, downloadDir]) mkdirSync(each, { recursive: true });
  writeFileSync(path.join(dataDir, 'settings.json'), JSON.stringify({ directLane: run.direct ?? false }));
  const loopFile = path.join(folder, 'loop-delays');
  const env = {
    ...(name === 'receiver' ? run.receiverEnv : {}),
    NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'loop-delay.ts')}`,
    TINCAN_BENCH_LOOP_FILE: loopFile,
  };
  const host = await startHost({ dataDir, downloadDir, files, env });
  const window = await openOwnWindow(folder);
  const { page, browser } = await window.watch();
  const { relay, lanes } = run;
  if (relay !== undefined) {
    await page.exposeFunction('__standIn', relay.standIn);
    await page.addInitScript(detourScript);
  }
  if (lanes !== undefined)
    await page.addInitScript((most) => sessionStorage.setItem('tincan-lanes-most', String(most)), lanes);
  await page.goto(host.url);
  const { process: hostProcess, url } = host;
  const instance = new Instance({ name, folder, downloadDir, url, page, host: hostProcess, browser, complaints: [] });
  return {
    instance,
    window,
    hostPid: hostProcess.pid!,
    logFile: path.join(logFolder(dataDir), 'tincan.log'),
    loopFile,
  };
}

/** By path: the driver would read the files itself and refuses large ones. */
async function pick(page: Page, files: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const expression = `document.querySelector('[data-testid="file-input"]')`;
  const { objectId } = (await session.send('Runtime.evaluate', { expression })).result;
  await session.send('DOM.setFileInputFiles', { files: [...files], objectId: objectId! });
  await session.detach();
}

/** In the sender's page. */
function noteTheEnd(): void {
  const look = () => {
    if (document.querySelector('[data-testid="transfer"][data-direction="send"][data-state="done"]') === null) return;
    (globalThis as Noted).moment ??= Date.now();
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ['data-state'],
  });
}

/** In the receiver's page. */
function acceptLater(afterMs: number): void {
  setTimeout(() => {
    (globalThis as Noted).moment = Date.now();
    document.querySelector<HTMLButtonElement>('[data-testid="accept"]')?.click();
  }, afterMs);
}

async function momentOf({ window }: Side): Promise<number> {
  const { page } = await window.watch();
  const moment = await page.evaluate(() => (globalThis as Noted).moment);
  if (moment === undefined) throw new Error('the transfer failed');
  return moment;
}

async function untilEnded({ logFile }: Side, timeoutMs: number): Promise<void> {
  for (const endAt = Date.now() + timeoutMs; Date.now() < endAt; await sleep(lookEveryMs)) {
    if (existsSync(logFile) && readFileSync(logFile, 'utf8').includes('"is":"transfer-ended"')) return;
  }
  throw new Error('the transfer took too long');
}

/** Since the last question; the first one begins the measurement. */
async function loopDelayOf({ hostPid, loopFile }: Side): Promise<number> {
  const before = linesOf(loopFile).length;
  process.kill(hostPid, 'SIGUSR2');
  while (linesOf(loopFile).length === before) await sleep(10);
  return (JSON.parse(linesOf(loopFile).at(-1)!) as { readonly p99Ms: number }).p99Ms;
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function processesOf({ hostPid, window }: Side): Processes {
  const pages = processTree(window.pid).filter(({ command }) => command.includes('--type=renderer'));
  return { host: hostPid, pages: pages.map(({ pid }) => pid) };
}

function sampleOf({ host, pages }: Processes): Sample {
  return { host: residentBytesOf(host), page: Math.max(0, ...pages.map(residentBytesOf)) };
}

function raise(peak: Sample, now: Sample): void {
  peak.host = Math.max(peak.host, now.host);
  peak.page = Math.max(peak.page, now.page);
}

function cpuOf({ hostPid, window }: Side): { readonly host: number; readonly window: number } {
  return { host: cpuSecondsOf(hostPid), window: cpuSecondsOf(window.pid) };
}

function threadsOf({ hostPid, window }: Side): Map<string, number> {
  const host = [...cpuSecondsByThread(hostPid)].map(([name, seconds]) => [`host ${name}`, seconds] as const);
  return new Map([...host, ...cpuSecondsByThread(window.pid)]);
}

function spentBetween(
  before: readonly ReadonlyMap<string, number>[],
  after: readonly ReadonlyMap<string, number>[],
  perGiB: number,
): Record<string, number> {
  const spent: Record<string, number> = {};
  for (const [at, threads] of after.entries()) {
    for (const [name, seconds] of threads) {
      spent[name] = (spent[name] ?? 0) + (seconds - (before[at]!.get(name) ?? 0)) / perGiB;
    }
  }
  return spent;
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
