// Tincan as a person uses it: two hosts, two Chromiums, files named on the command line, pair, accept, done.
// The clock runs from Accept to "done" on the sender: published on the other disk, verified on both sides.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Instance, startInstance, temporaryFolder } from '../tests/e2e/instance.ts';
import { link } from '../tests/e2e/pairing.ts';
import { cpuSecondsOf, findByArgument, processTree, residentBytesOf } from './processes.ts';
import { detourScript, type UdpRelay } from './udp-relay.ts';

export type Run = {
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly relay?: UdpRelay;
  /** Upper bound on lanes; without it as many as Tincan chooses. */
  readonly lanes?: number;
  readonly receiverEnv?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
};

export type RunResult = {
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGiB: { readonly sender: number; readonly receiver: number };
  /** Peak minus idle (linked and offered, before anything moves). */
  readonly growthMiB: Readonly<Record<'senderHost' | 'senderPage' | 'receiverHost' | 'receiverPage', number>>;
};

export async function diskToDisk(run: Run): Promise<RunResult> {
  const folder = temporaryFolder('bench');
  const sides = await Promise.all([
    open('sender', path.join(folder, 'sender'), run, run.paths),
    open('receiver', path.join(folder, 'receiver'), run, []),
  ]);
  const [sender, receiver] = sides as [Side, Side];
  try {
    await link(sender.instance, receiver.instance);
    await receiver.instance.at('offer').waitFor({ timeout: 60_000 });
    const watched = sides.map(processesOf);
    const idle = watched.map(sampleOf);
    const cpuBefore = sides.map(cpuOf);
    const peaks = watched.map(sampleOf);
    const sampler = setInterval(() => {
      for (const [at, processes] of watched.entries()) raise(peaks[at]!, sampleOf(processes));
    }, 250);
    const startedAt = performance.now();
    await Promise.all([untilSent(sender.instance, run.timeoutMs ?? 600_000), receiver.instance.at('accept').click()]);
    const seconds = (performance.now() - startedAt) / 1000;
    clearInterval(sampler);
    const cpu = sides.map((side, at) => (cpuOf(side) - cpuBefore[at]!) / (run.bytes / 2 ** 30));
    return {
      seconds,
      megabytesPerSecond: run.bytes / 1e6 / seconds,
      cpuSecondsPerGiB: { sender: cpu[0]!, receiver: cpu[1]! },
      growthMiB: {
        senderHost: toMiB(peaks[0]!.host - idle[0]!.host),
        senderPage: toMiB(peaks[0]!.page - idle[0]!.page),
        receiverHost: toMiB(peaks[1]!.host - idle[1]!.host),
        receiverPage: toMiB(peaks[1]!.page - idle[1]!.page),
      },
    };
  } finally {
    // The folder stays until the end: on some disks a file is slow to make while many were just removed.
    await Promise.all(sides.map((side) => side.instance.stop()));
  }
}

type Side = { readonly instance: Instance; readonly hostPid: number; readonly browserPid: number };
type Processes = { readonly host: number; readonly pages: readonly number[] };
type Sample = { host: number; page: number };

async function open(name: string, folder: string, run: Run, files: readonly string[]): Promise<Side> {
  mkdirSync(folder, { recursive: true });
  const mark = `--bench-mark=${name}-${process.pid}-${performance.now()}`;
  const { relay, lanes } = run;
  const instance = await startInstance({
    name,
    folder,
    files,
    browserFlags: [mark],
    env: name === 'receiver' ? (run.receiverEnv ?? {}) : {},
    preparePage: async (page) => {
      if (relay !== undefined) {
        await page.exposeFunction('__standIn', relay.standIn);
        await page.addInitScript(detourScript);
      }
      if (lanes !== undefined)
        await page.addInitScript((most) => sessionStorage.setItem('tincan-lanes-most', String(most)), lanes);
    },
  });
  const browserPid = findByArgument(mark);
  if (browserPid === undefined || instance.host.pid === undefined) throw new Error('the processes to measure are gone');
  return { instance, hostPid: instance.host.pid, browserPid };
}

/** Told by the page at once: asking again and again costs time of the run, and adds what lies between two questions. */
function untilSent({ page }: Instance, timeoutMs: number): Promise<void> {
  const row = (state: string) => `[data-testid="transfer"][data-direction="send"][data-state="${state}"]`;
  return page.evaluate(
    ({ wanted, unwanted, ms }) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          if (document.querySelector(wanted) !== null) resolve();
          else if (document.querySelector(unwanted) !== null) reject(new Error('the transfer failed'));
        };
        new MutationObserver(look).observe(document.body, {
          subtree: true,
          childList: true,
          attributeFilter: ['data-state'],
        });
        setTimeout(() => reject(new Error('the transfer took too long')), ms);
        look();
      }),
    { wanted: row('done'), unwanted: row('failed'), ms: timeoutMs },
  );
}

function processesOf({ hostPid, browserPid }: Side): Processes {
  const pages = processTree(browserPid).filter(({ command }) => command.includes('--type=renderer'));
  return { host: hostPid, pages: pages.map(({ pid }) => pid) };
}

function sampleOf({ host, pages }: Processes): Sample {
  return { host: residentBytesOf(host), page: Math.max(0, ...pages.map(residentBytesOf)) };
}

function raise(peak: Sample, now: Sample): void {
  peak.host = Math.max(peak.host, now.host);
  peak.page = Math.max(peak.page, now.page);
}

function cpuOf({ hostPid, browserPid }: Side): number {
  return cpuSecondsOf(hostPid) + cpuSecondsOf(browserPid);
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
