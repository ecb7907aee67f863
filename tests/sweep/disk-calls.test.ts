// Every disk call of a host that receives, one after the other: the process is killed at it, or the call fails once. The next
// run goes on, and whatever happened: what has a final name is whole, what was there before is not lost, and at the end there
// is exactly what was sent and nothing else.
//
// `npm test -- --project sweep` (Linux, strace). TINCAN_SWEEP_EVERY=1 takes every call; by default every third, beginning
// with another one in each kind. TINCAN_SWEEP_MINUTES bounds the whole.

import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blockBytes } from '../../shared/wire/limits.ts';
import { incoming } from '../unit/host/receive-steps.ts';

const every = Number(process.env.TINCAN_SWEEP_EVERY ?? 3);
const minutes = Number(process.env.TINCAN_SWEEP_MINUTES ?? 20);
const deadline = Date.now() + minutes * 60_000;

/** Each with what it answers when it fails; the last is what a disk without links says. */
const kinds = [
  ['mkdir', 'ENOSPC'],
  ['pwrite64', 'ENOSPC'],
  ['pwritev', 'EIO'],
  ['fdatasync', 'EIO'],
  ['fsync', 'EIO'],
  ['link', 'EBUSY'],
  ['link', 'EPERM'],
  ['rename', 'EBUSY'],
  ['unlink', 'EBUSY'],
  ['rmdir', 'EBUSY'],
] as const;

const files = [
  { path: ['trip', 'a.txt'], bytes: randomBytes(2_000) },
  { path: ['trip', 'sub', 'large.bin'], bytes: randomBytes(300_000) },
  { path: ['trip', 'sub', 'empty'], bytes: Buffer.alloc(0) },
  { path: ['here', 'b.txt'], bytes: randomBytes(2_000) },
  { path: ['lone.bin'], bytes: randomBytes(blockBytes + 1_000) },
  { path: ['note.txt'], bytes: Buffer.from('new') },
];

let folder: string;
let offer: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tincan-sweep-'));
  const { content, ...rest } = incoming(files);
  offer = path.join(folder, 'offer.json');
  writeFileSync(offer, JSON.stringify(rest));
  writeFileSync(path.join(folder, 'content'), content);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A place with a folder and a file that are there before. */
function prepareFolders(): string {
  const where = mkdtempSync(path.join(folder, 'run-'));
  mkdirSync(path.join(where, 'downloads', 'here'), { recursive: true });
  writeFileSync(path.join(where, 'downloads', 'here', 'mine'), 'mine');
  writeFileSync(path.join(where, 'downloads', 'note.txt'), 'old');
  writeFileSync(path.join(where, 'sentinel'), 'untouched');
  return where;
}

/** `traced`: arguments of strace. Answers how the process ended. */
async function receive(where: string, conflict: string, traced: readonly string[] = []): Promise<string | number> {
  const node = [process.execPath, path.resolve('tests/unit/host/receiver-process.ts'), where, offer, conflict];
  const [program = '', ...args] =
    traced.length === 0 ? node : ['strace', '-f', '-qq', '-o', '/dev/null', ...traced, ...node];
  const child = spawn(program, args, { stdio: 'ignore' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code ?? 'nothing';
}

const treeOf = (at: string) => (existsSync(at) ? readdirSync(at, { recursive: true }).map(String).sort() : []);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The old note, whether replaced or not, and whatever it is called now. */
function oldNotes(where: string): number {
  const places = ['downloads', 'trash'].map((name) => path.join(where, name));
  const found = places.flatMap((place) => treeOf(place).map((name) => path.join(place, name)));
  return found.filter((file) => /note[^/]*$/.test(file) && readFileSync(file, 'utf8') === 'old').length;
}

/** At any moment. A name that is only reserved may be an empty file or folder until the next run. */
function expectNothingHalf(where: string): void {
  const downloads = path.join(where, 'downloads');
  const wanted = new Map(files.map((file) => [file.path.join('/'), sha256(file.bytes)]));
  for (const name of treeOf(downloads)) {
    const full = path.join(downloads, name);
    if (name.startsWith('.tincan-') || !statSync(full).isFile() || statSync(full).size === 0) continue;
    const content = readFileSync(full);
    if (content.toString() === 'mine' || content.toString() === 'old') continue;
    expect([...wanted.values()], `${name} is not what was sent`).toContain(sha256(content));
  }
  expect(oldNotes(where)).toBeGreaterThan(0);
  expect(readFileSync(path.join(where, 'sentinel'), 'utf8')).toBe('untouched');
}

function expectArrived(where: string, conflict: string): void {
  const downloads = path.join(where, 'downloads');
  const names = treeOf(downloads).filter((name) => !statSync(path.join(downloads, name)).isDirectory());
  const contents = names.map((name) => sha256(readFileSync(path.join(downloads, name))));
  for (const { path: sent, bytes } of files) expect(contents, sent.join('/')).toContain(sha256(bytes));
  const replaced = names.filter((name) => readFileSync(path.join(downloads, name), 'utf8') === 'old').length;
  expect(replaced + names.filter((name) => name.endsWith('mine')).length + files.length).toBe(names.length);
  if (conflict === 'keep-both') expect(readFileSync(path.join(downloads, 'note.txt'), 'utf8')).toBe('old');
  expect(names.filter((name) => name.startsWith('.tincan-'))).toEqual([]);
  expect(oldNotes(where)).toBe(1);
}

describe.skipIf(process.platform !== 'linux' || !hasStrace())('a host that receives', () => {
  for (const conflict of ['keep-both', 'replace']) {
    for (const [nth, [call, errno]] of kinds.entries()) {
      for (const how of [`signal=KILL`, `error=${errno}`]) {
        if (how === 'signal=KILL' && errno === 'EPERM') continue;
        it(
          `${conflict}: ends with everything, whichever ${call} has ${how}`,
          async () => {
            let tried = 0;
            for (let when = 1 + (nth % every); Date.now() < deadline; when += every) {
              const where = prepareFolders();
              const times = errno === 'EPERM' ? '+' : '';
              const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:${how}:when=${when}${times}`];
              const first = await receive(where, conflict, inject);
              expectNothingHalf(where);
              for (let again = 0; !existsSync(path.join(where, 'delivered')); again += 1) {
                expect(again, `${call} ${how} when=${when}: it does not come to an end`).toBeLessThan(3);
                await receive(where, conflict);
                expectNothingHalf(where);
              }
              // Whoever was killed after it was delivered tidies up at the next start.
              await receiveNothing(where);
              expectArrived(where, conflict);
              rmSync(where, { recursive: true });
              tried += 1;
              if (await isBeyond(first, how, call, when)) break;
            }
            expect(tried).toBeGreaterThan(0);
          },
          minutes * 60_000,
        );
      }
    }
  }
});

const counts = new Map<string, number>();

/** Whether an undisturbed run makes fewer calls of that kind. Counted once, with some to spare. */
async function isBeyond(first: string | number, how: string, call: string, when: number): Promise<boolean> {
  if (how === 'signal=KILL' && first !== 0) return false;
  let count = counts.get(call);
  if (count === undefined) {
    const where = prepareFolders();
    const log = path.join(folder, 'calls');
    const node = [path.resolve('tests/unit/host/receiver-process.ts'), where, offer, 'keep-both'];
    execFileSync('strace', ['-f', '-qq', '-e', `trace=${call}`, '-o', log, process.execPath, ...node], {
      stdio: 'ignore',
    });
    count = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`${call}(`)).length;
    counts.set(call, count);
  }
  return when >= count;
}

async function receiveNothing(where: string): Promise<void> {
  const script = `
    const { openHost } = await import(process.argv[1]);
    const { openQuietServices } = await import(process.argv[2]);
    const options = { dataDir: process.argv[3] + '/data', downloadDir: process.argv[3] + '/downloads', version: '0' };
    const host = await openHost({ ...options, services: openQuietServices(async () => undefined) });
    await host.close();`;
  const modules = ['host/open-host.ts', 'tests/unit/host/receive-steps.ts'].map((file) => path.resolve(file));
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...modules, where], { stdio: 'ignore' });
  await once(child, 'exit');
}
