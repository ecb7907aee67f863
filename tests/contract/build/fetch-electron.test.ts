// The download of Electron's runtime, run as `npm start` runs it, against a mirror on this machine.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { installedElectron, programName } from '../../../build/electron-runtime.mjs';
import { ResumingDownload } from '../../../build/resuming-download.mjs';
import { zipOf } from './small-zip.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const version = '45.4.1';
const program = Buffer.concat([Buffer.from('#!/bin/sh\n'), randomBytes(400_000)]);
const zip = zipOf({ version: Buffer.from(version), [programName()]: program });
const etag = '"one"';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

describe('the download of Electron', () => {
  it('installs from the mirror that ELECTRON_MIRROR and ELECTRON_CUSTOM_DIR name, with bytes, percent and speed', async () => {
    const mirror = await serve(whole);
    const { status, said, folder } = await fetched(mirror, { ELECTRON_CUSTOM_DIR: 'our/{{ version }}' });
    expect(status).toBe(0);
    expect(mirror.asked.map(({ url }) => url)).toEqual([`/our/${version}/${fileName()}`]);
    expect(said).toMatch(/Downloading Electron: 0\.4 of 0\.4 MB \(100 %\), \d+\.\d MB\/s/);
    expect(readFileSync(installedElectron(folder, {})!).equals(program)).toBe(true);
  });

  it('takes the mirror from npm settings, and the archive from the cache the second time', async () => {
    const mirror = await serve(whole);
    const first = await fetched(mirror, { ELECTRON_MIRROR: '', npm_config_electron_mirror: mirror.url });
    rmSync(path.join(first.folder, 'dist'), { recursive: true });
    expect(installedElectron(first.folder, {})).toBeUndefined();
    const second = await fetched(mirror, {}, first.folder);
    expect([first.status, second.status, mirror.asked.length]).toEqual([0, 0, 1]);
    expect(installedElectron(second.folder, {})).toBeDefined();
  });

  it('asks only for the rest after a cut', async () => {
    const folder = packageFolder();
    // On a busy machine the cut may come before the first byte is on the disk, and then there is no rest.
    const mirror = await serve(
      cutAfter(150_000, () => partBytes(folder) > 0),
      whole,
    );
    const { status } = await fetched(mirror, {}, folder);
    expect(status).toBe(0);
    expect(mirror.asked[1]!.headers['if-range']).toBe(etag);
    expect(Number(/^bytes=(\d+)-$/.exec(mirror.asked[1]!.headers.range!)![1])).toBeGreaterThan(0);
    expect(readFileSync(installedElectron(folder, {})!).equals(program)).toBe(true);
  });

  it('starts again where the file on the server is another one by now', async () => {
    const mirror = await serve(cutAfter(150_000), (_request, response) => response.end(zip));
    const { status, folder } = await fetched(mirror);
    expect(status).toBe(0);
    expect(readFileSync(installedElectron(folder, {})!).equals(program)).toBe(true);
  });

  it('continues in a later run where an earlier one was killed', async () => {
    const mirror = await serve(stallAfter(150_000), whole);
    const folder = packageFolder();
    const temporary = temporaryFolder();
    const killed = run(folder, mirror, { TMPDIR: temporary });
    await expect.poll(() => partBytes(folder), { timeout: 20_000 }).toBe(150_000);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(installedElectron(folder, {})).toBeUndefined();
    const { status } = await fetched(mirror, {}, folder);
    expect([status, mirror.asked[1]!.headers.range]).toEqual([0, 'bytes=150000-']);
    expect(installedElectron(folder, {})).toBeDefined();
    // What the one that was killed left behind.
    expect([readdirSync(temporary), readdirSync(path.join(folder, '.download'))]).toEqual([[], []]);
  });

  it('installs nothing whose checksum is wrong, and leaves nothing to resume', async () => {
    const mirror = await serve((_request, response) => response.end(Buffer.concat([zip, Buffer.from('x')])));
    const { status, said, folder } = await fetched(mirror);
    expect(status).toBe(1);
    expect(said).toContain('Electron could not be downloaded');
    expect(existsSync(path.join(folder, 'dist'))).toBe(false);
    expect(readdirSync(path.join(folder, '.download'))).toEqual([]);
  });

  it('says in one line that the mirror does not have it, and asks once', async () => {
    const mirror = await serve((_request, response) => response.writeHead(404).end());
    const { status, said } = await fetched(mirror);
    expect([status, mirror.asked.length]).toEqual([1, 1]);
    expect(said.trim()).toMatch(/^Electron could not be downloaded: http\S+ answered 404$/);
  });

  it('replaces what an interrupted extraction left behind', async () => {
    const mirror = await serve(whole);
    const folder = packageFolder();
    for (const half of ['dist', 'dist.new']) {
      mkdirSync(path.join(folder, half));
      writeFileSync(path.join(folder, half, programName()), 'half');
    }
    expect(installedElectron(folder, {})).toBeUndefined();
    const { status } = await fetched(mirror, {}, folder);
    expect(status).toBe(0);
    expect(readFileSync(path.join(folder, 'dist', programName())).equals(program)).toBe(true);
    expect(existsSync(path.join(folder, 'dist.new'))).toBe(false);
  });
});

describe('a resuming download', () => {
  it('waits as long as bytes arrive, however slowly', async () => {
    const mirror = await serve(slowly);
    // A busy machine holds up bytes for hundreds of milliseconds.
    const got = await download(mirror.url, { silenceMs: 2_500 });
    expect(got.bytes.equals(zip)).toBe(true);
    expect(got.tookMs).toBeGreaterThan(2_500);
    expect(mirror.asked.length).toBe(1);
  });

  it('gives up a connection that brings nothing, and asks again', async () => {
    const mirror = await serve(stallAfter(1000), whole);
    const got = await download(mirror.url, { silenceMs: 2_500 });
    expect(got.bytes.equals(zip)).toBe(true);
    expect(mirror.asked[1]!.headers.range).toBe('bytes=1000-');
  });

  it('ends after some attempts that brought nothing', async () => {
    const mirror = await serve((_request, response) => response.writeHead(503).end());
    await expect(download(mirror.url, { fruitlessAttempts: 3 })).rejects.toThrow('answered 503');
    expect(mirror.asked.length).toBe(3);
  });
});

const whole: Answer = (request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const rest = zip.subarray(from);
  const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${zip.length - 1}/${zip.length}` };
  response.writeHead(from === 0 ? 200 : 206, { etag, 'content-length': rest.length, ...range }).end(rest);
};

function stallAfter(bytes: number): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag, 'content-length': zip.length }).write(zip.subarray(0, bytes));
  };
}

function cutAfter(bytes: number, isTime = () => true): Answer {
  return (_request, response) => {
    response.writeHead(200, { etag, 'content-length': zip.length });
    response.write(zip.subarray(0, bytes));
    const timer = setInterval(() => {
      if (!isTime()) return;
      clearInterval(timer);
      response.socket?.end();
    }, 20);
    closers.push(() => clearInterval(timer));
  };
}

/** What has arrived of the archive. */
function partBytes(folder: string): number {
  const part = path.join(folder, '.download', `${fileName()}.part`);
  return existsSync(part) ? readFileSync(part).length : 0;
}

const slowly: Answer = (_request, response) => {
  response.writeHead(200, { etag, 'content-length': zip.length });
  const step = Math.ceil(zip.length / 10);
  let sent = 0;
  const timer = setInterval(() => {
    response.write(zip.subarray(sent, sent + step));
    sent += step;
    if (sent < zip.length) return;
    clearInterval(timer);
    response.end();
  }, 300);
};

/** Each request gets the next answer; the last one stays. */
async function serve(...answers: Answer[]) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

function fileName(): string {
  return `electron-v${version}-${process.platform}-${process.arch}.zip`;
}

/** What npm leaves of the `electron` package: everything but the runtime. */
function packageFolder(): string {
  const folder = temporaryFolder();
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'electron', version }));
  const checksum = createHash('sha256').update(zip).digest('hex');
  writeFileSync(path.join(folder, 'checksums.json'), JSON.stringify({ [fileName()]: checksum }));
  return folder;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-fetch-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(folder: string, mirror: { url: string }, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [path.join(root, 'build/fetch-electron.mjs'), folder], {
    env: {
      PATH: process.env.PATH,
      ELECTRON_MIRROR: mirror.url,
      electron_config_cache: path.join(folder, 'cache'),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, said, folder }));
  return { child, ended };
}

function fetched(mirror: { url: string }, env: Record<string, string> = {}, folder = packageFolder()) {
  return run(folder, mirror, env).ended;
}

async function download(url: string, options: object): Promise<{ bytes: Buffer; tookMs: number }> {
  const folder = temporaryFolder();
  const target = path.join(folder, 'electron.zip');
  const startedAt = performance.now();
  await new ResumingDownload({ partFolder: path.join(folder, 'parts'), pauseMs: 5, ...options }).download(url, target);
  return { bytes: readFileSync(target), tookMs: performance.now() - startedAt };
}
