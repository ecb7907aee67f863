// `npm run bench`: how fast Tincan is against what a data channel can do here, in one run. Prints a table, writes JSON.
// Options: --only NAME[,NAME]   --gib N (size of the big file, default 1)   --rounds N (default 3)

import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, temporaryFolder } from '../tests/e2e/instance.ts';
import { whyNoNamespaces } from '../tests/net/namespaces.ts';
import { type Blast, blast } from './blast.ts';
import { diskToDisk, type RunResult } from './disk-to-disk.ts';
import { throughFirewalls } from './firewalls.ts';
import { openSecureCopy } from './secure-copy.ts';
import { tlsPipe } from './tls-pipe.ts';
import { openUdpRelay } from './udp-relay.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    gib: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
  },
});
const rounds = Number(values.rounds);
const bigBytes = Math.round(Number(values.gib) * 2 ** 30);
const smallFiles = 10_000;
const smallFileBytes = 4096;
const farBytes = 24_000_000;
const only = values.only?.split(',');
const sources = temporaryFolder('bench-sources');

type Row = { readonly what: string; readonly median: number; readonly all: readonly number[]; readonly unit: string };
type Verdict = { readonly what: string; readonly ratio: number; readonly bar: number };

const rows: Row[] = [];
const verdicts: Verdict[] = [];
const details: Record<string, RunResult[]> = {};
/** Processor seconds per GiB of both sides together. */
const bareCpu: Record<string, number[]> = {};

if (wants('local')) await local();
if (wants('direct') || only?.includes('cable')) await direct(wants('direct'));
if (wants('firewalls')) await firewalls();
if (wants('small')) await small();
if (wants('far')) await far();
if (wants('memory')) await memory();
report();

/** One big file against bare channels. Rounds are interleaved so that a slow minute hits all alike. */
async function local(): Promise<void> {
  const file = makeFile('big.bin', bigBytes);
  const blastBytes = Math.min(bigBytes, 400_000_000);
  const one: number[] = [];
  const many = new Map<number, number[]>([
    [2, []],
    [4, []],
    [8, []],
  ]);
  const wide: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    one.push(await bare('bare channel, 1', { channels: 1, bytes: blastBytes }));
    for (const [channels, speeds] of many) {
      speeds.push(await bare(`bare channels, ${channels}`, { channels, bytes: blastBytes }));
    }
    wide.push(await bare('bare channel in a window like ours, 1', { channels: 1, bytes: blastBytes, wide: true }));
    ours.push(await tincan('big file, disk to disk', { paths: [file], bytes: bigBytes }));
  }
  const single = add('bare channel, 1', one);
  const best = Math.max(...[...many].map(([channels, speeds]) => add(`bare channels, ${channels}`, speeds)), single);
  add('bare channel in a window like ours, 1', wide);
  const mine = add('Tincan, one big file, disk to disk', ours);
  verdicts.push({ what: 'disk to disk / one bare channel', ratio: mine / single, bar: 1.15 });
  verdicts.push({ what: 'disk to disk / best of the bare channels', ratio: mine / best, bar: 0.9 });
}

/** The direct lane against a bare TLS pipe and scp that do the same disk work and, where all is wanted, against data channels. */
async function direct(isAll: boolean): Promise<void> {
  const file = makeFile('direct.bin', bigBytes);
  const { folder, bytes: smallBytes } = makeSmallFiles('direct-small');
  const speeds: Record<
    'pipe' | 'tuned' | 'copy' | 'direct' | 'picked' | 'channels' | 'bare' | 'small' | 'smallChannels',
    number[]
  > = {
    pipe: [],
    tuned: [],
    copy: [],
    direct: [],
    picked: [],
    channels: [],
    bare: [],
    small: [],
    smallChannels: [],
  };
  const pipeCpu: number[] = [];
  const tunedCpu: number[] = [];
  const copy = await openSecureCopy();
  for (let round = 0; round < rounds; round += 1) {
    const pipe = await tlsPipe(file, bigBytes);
    speeds.pipe.push(pipe.megabytesPerSecond);
    pipeCpu.push(pipe.cpuSecondsPerGiB);
    const tuned = await tlsPipe(file, bigBytes, 'tuned');
    speeds.tuned.push(tuned.megabytesPerSecond);
    tunedCpu.push(tuned.cpuSecondsPerGiB);
    if (copy !== undefined) speeds.copy.push(await copy.megabytesPerSecond(file, bigBytes));
    speeds.direct.push(await tincan('direct lane', { paths: [file], bytes: bigBytes, direct: true }));
    if (!isAll) continue;
    const picked = { paths: [file], bytes: bigBytes, direct: true, picked: true };
    speeds.picked.push(await tincan('direct lane, file picked in the page', picked));
    speeds.bare.push(await bare('bare channel, 1', { channels: 1, bytes: Math.min(bigBytes, 400_000_000) }));
    speeds.channels.push(await tincan('data channels only', { paths: [file], bytes: bigBytes }));
    speeds.small.push(await tincan('small files, direct lane', { paths: [folder], bytes: smallBytes, direct: true }));
    speeds.smallChannels.push(await tincan('small files, data channels', { paths: [folder], bytes: smallBytes }));
  }
  copy?.close();
  const pipe = add('bare TLS pipe with the same disk work', speeds.pipe);
  const mine = add('Tincan, direct lane, disk to disk', speeds.direct);
  rows.push({ what: 'bare TLS pipe, CPU per GiB', median: medianOf(pipeCpu), all: pipeCpu, unit: 's' });
  add('the same pipe, tuned', speeds.tuned);
  rows.push({ what: 'the same pipe, tuned, CPU per GiB', median: medianOf(tunedCpu), all: tunedCpu, unit: 's' });
  const cpu = (details['direct lane'] ?? []).map(({ cpuSecondsPerGiB: { sender, receiver } }) => sender + receiver);
  rows.push({ what: 'direct lane, CPU per GiB, both sides', median: medianOf(cpu), all: cpu, unit: 's' });
  verdicts.push({ what: 'direct lane / bare TLS pipe', ratio: mine / pipe, bar: 0.8 });
  if (copy !== undefined)
    verdicts.push({ what: 'direct lane / scp', ratio: mine / add('scp over loopback', speeds.copy), bar: 1 });
  const late = (details['direct lane'] ?? []).map(({ loopP99Ms: { sender, receiver } }) => Math.max(sender, receiver));
  rows.push({ what: 'direct lane, event loop p99, later host', median: medianOf(late), all: late, unit: 'ms' });
  verdicts.push({ what: '50 ms / event loop p99 of the direct lane', ratio: 50 / medianOf(late), bar: 1 });
  verdicts.push({ what: '12 s / CPU seconds per GiB of the direct lane', ratio: 12 / medianOf(cpu), bar: 1 });
  if (!isAll) return;
  const channels = add('Tincan, data channels only', speeds.channels);
  add('Tincan, direct lane, file picked in the page', speeds.picked);
  add('bare channel, 1', speeds.bare);
  const small = add('Tincan, 10 000 × 4 KiB, direct lane', speeds.small);
  const smallChannels = add('Tincan, 10 000 × 4 KiB, data channels only', speeds.smallChannels);
  verdicts.push({ what: 'direct lane / data channels only', ratio: mine / channels, bar: 6 });
  verdicts.push({ what: 'small files: direct lane / data channels', ratio: small / smallChannels, bar: 2 });
}

/** The direct lane between two hosts where inbound TCP is dropped nowhere, on one side, on both. */
async function firewalls(): Promise<void> {
  const why = whyNoNamespaces();
  if (why !== undefined) return console.error(`Not measured through firewalls: ${why}.`);
  const file = makeFile('firewalls.bin', bigBytes);
  const speeds = { 'no firewall': [], 'a firewall at the receiver': [], 'firewalls at both': [] } as Record<
    string,
    number[]
  >;
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, walls] of [
      ['no firewall', []],
      ['a firewall at the receiver', ['b']],
      ['firewalls at both', ['a', 'b']],
    ] as const) {
      const { megabytesPerSecond, isDirect } = await throughFirewalls(walls, file, bigBytes);
      if (isDirect !== walls.length < 2) throw new Error(`${name}: the direct lane is ${isDirect ? 'up' : 'not up'}`);
      speeds[name]?.push(megabytesPerSecond);
    }
  }
  for (const [name, all] of Object.entries(speeds)) add(`Tincan between two hosts, ${name}`, all);
}

async function small(): Promise<void> {
  const { folder, file, bytes } = makeSmallFiles('small');
  const many: number[] = [];
  const single: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    single.push(await tincan('one file of the same bytes', { paths: [file], bytes }));
    many.push(await tincan('10 000 small files', { paths: [folder], bytes }));
  }
  const ratio = add('Tincan, 10 000 × 4 KiB', many) / add('Tincan, one file of the same bytes', single);
  verdicts.push({ what: '10 000 small files / one file', ratio, bar: 0.7 });
}

/** 25 ms each way, without and with loss. */
async function far(): Promise<void> {
  const file = makeFile('far.bin', farBytes);
  for (const lossFraction of [0, 0.005]) {
    const name = lossFraction === 0 ? '50 ms' : '50 ms, 0.5 % loss';
    const speeds: Record<'bare' | 'one' | 'many', number[]> = { bare: [], one: [], many: [] };
    for (let round = 0; round < rounds; round += 1) {
      const relay = openUdpRelay({ oneWayMs: 25, lossFraction });
      speeds.bare.push(await bare(`bare channel, 1, ${name}`, { channels: 1, bytes: farBytes / 4, relay }));
      speeds.one.push(await tincan(`${name}, one lane`, { paths: [file], bytes: farBytes, relay, lanes: 1 }));
      speeds.many.push(await tincan(name, { paths: [file], bytes: farBytes, relay }));
      relay.close();
    }
    add(`bare channel, 1, ${name}`, speeds.bare);
    const ratio = add(`Tincan, ${name}`, speeds.many) / add(`Tincan, one lane, ${name}`, speeds.one);
    verdicts.push({ what: `${name}: lanes it chooses / one lane`, ratio, bar: lossFraction === 0 ? 1 : 4 });
  }
}

/** 4 GiB into a disk that takes its time, over either kind of lane. */
async function memory(): Promise<void> {
  const bytes = 4 * bigBytes;
  const file = makeFile('memory.bin', bytes);
  for (const [name, direct] of [
    ['slow disk', false],
    ['slow disk, direct lane', true],
  ] as const) {
    const speed = await tincan(name, {
      paths: [file],
      bytes,
      direct,
      receiverEnv: { TINCAN_TEST_WRITE_DELAY_MS: '60' },
      timeoutMs: 1_800_000,
    });
    add(`Tincan, ${name}`, [speed]);
    for (const { growthMiB } of details[name] ?? []) {
      for (const [who, grown] of Object.entries(growthMiB)) {
        rows.push({ what: `memory over idle, ${name}, ${who}`, median: grown, all: [grown], unit: 'MiB' });
      }
    }
  }
}

async function bare(name: string, run: Blast): Promise<number> {
  const { megabytesPerSecond, cpuSecondsPerGiB } = await blast(run);
  bareCpu[name] = [...(bareCpu[name] ?? []), cpuSecondsPerGiB];
  return megabytesPerSecond;
}

async function tincan(name: string, run: Parameters<typeof diskToDisk>[0]): Promise<number> {
  const result = await diskToDisk(run);
  details[name] = [...(details[name] ?? []), result];
  process.stderr.write(`${name}: ${result.megabytesPerSecond.toFixed(1)} MB/s\n`);
  return result.megabytesPerSecond;
}

/** Many small files, and one file of the same bytes. */
function makeSmallFiles(name: string): { readonly folder: string; readonly file: string; readonly bytes: number } {
  const folder = path.join(sources, name);
  mkdirSync(folder);
  const bytes = smallFiles * smallFileBytes;
  const content = randomBytes(bytes);
  for (let at = 0; at < smallFiles; at += 1) {
    writeFileSync(path.join(folder, `${at}.bin`), content.subarray(at * smallFileBytes, (at + 1) * smallFileBytes));
  }
  const file = path.join(sources, `${name}-same-bytes.bin`);
  writeFileSync(file, content);
  return { folder, file, bytes };
}

function medianOf(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

function add(what: string, all: readonly number[]): number {
  const median = medianOf(all);
  rows.push({ what, median, all, unit: 'MB/s' });
  return median;
}

function wants(name: string): boolean {
  return only === undefined || only.includes(name);
}

function makeFile(name: string, bytes: number): string {
  const file = path.join(sources, name);
  const handle = openSync(file, 'w');
  const piece = randomBytes(1 << 20);
  for (let left = bytes; left > 0; left -= piece.length) {
    piece.writeUInt32LE(left % 0xffff_ffff);
    writeSync(handle, piece, 0, Math.min(left, piece.length));
  }
  closeSync(handle);
  return file;
}

function report(): void {
  console.log('| what | median | runs |\n|---|---|---|');
  for (const { what, median, all, unit } of rows) {
    console.log(`| ${what} | ${median.toFixed(1)} ${unit} | ${all.map((value) => value.toFixed(1)).join(' ')} |`);
  }
  console.log('\n| ratio | here | bar |\n|---|---|---|');
  for (const { what, ratio, bar } of verdicts) {
    console.log(`| ${what} | ${ratio.toFixed(2)} | ${ratio >= bar ? 'holds' : 'MISSED'} ≥ ${bar.toFixed(2)} |`);
  }
  for (const [name, both] of Object.entries(bareCpu)) {
    console.log(`CPU seconds per GiB, both sides together, ${name}: ${both.map((one) => one.toFixed(0)).join(' ')}`);
  }
  for (const [name, results] of Object.entries(details)) {
    const cpu = results.map(
      ({ cpuSecondsPerGiB: all, hostCpuSecondsPerGiB: host }) =>
        `${all.sender.toFixed(1)} (${host.sender.toFixed(1)}) / ${all.receiver.toFixed(1)} (${host.receiver.toFixed(1)})`,
    );
    console.log(`CPU seconds per GiB, sender (its host) / receiver (its host), ${name}: ${cpu.join(', ')}`);
  }
  for (const [name, results] of Object.entries(details)) {
    const threads = new Set(results.flatMap(({ cpuSecondsPerGiBOf }) => Object.keys(cpuSecondsPerGiBOf)));
    const medians = [...threads]
      .map((thread) => [thread, medianOf(results.map((one) => one.cpuSecondsPerGiBOf[thread] ?? 0))] as const)
      .filter(([, seconds]) => seconds >= 0.05)
      .sort(([, a], [, b]) => b - a);
    const text = medians.map(([thread, seconds]) => `${thread} ${seconds.toFixed(2)}`).join(', ');
    console.log(`The same by thread, both sides together, ${name}: ${text}`);
  }
  const file = path.join(root, 'tests', '.results', 'bench.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ rows, verdicts, details, bareCpu }, null, 2));
  console.error(`Written to ${path.relative(root, file)}.`);
}
