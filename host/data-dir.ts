// One data folder belongs to one running Tincan: journals and settings are never shared by two processes. A folder is
// held by listening on a local socket named after it, which the system lets go of however the process ends.

import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Fault } from '../shared/model/fault.ts';

export type HeldDataDir = { readonly dir: string; close(): void };

/** Enough for anybody who starts several by hand, and an end to the search. */
const instancesMax = 16;

export function defaultDataDir(name: string): string {
  const home = homedir();
  const places: Partial<Record<NodeJS.Platform, string>> = {
    darwin: path.join(home, 'Library', 'Application Support'),
    win32: process.env.APPDATA ?? path.join(home, 'AppData', 'Roaming'),
  };
  return path.join(places[process.platform] ?? process.env.XDG_CONFIG_HOME ?? path.join(home, '.config'), name);
}

/** Throws a Fault `bridge-busy` when another Tincan runs on this folder. */
export async function holdDataDir(dir: string): Promise<HeldDataDir> {
  const held = await tryToHold(dir);
  if (held === undefined) throw new Fault('bridge-busy', `another Tincan is using ${dir}`);
  return held;
}

/** The first of `dir`, `dir 2`, `dir 3`… that nobody uses: a second window by hand is a second device. */
export async function holdFreeDataDir(dir: string): Promise<HeldDataDir> {
  for (let instance = 1; instance <= instancesMax; instance += 1) {
    const held = await tryToHold(instance === 1 ? dir : `${dir} ${instance}`);
    if (held !== undefined) return held;
  }
  throw new Fault('bridge-busy', `${instancesMax} Tincans are running already`);
}

async function tryToHold(dir: string): Promise<HeldDataDir | undefined> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const address = addressOf(realpathSync(dir));
  return (await listen(dir, address)) ?? ((await answers(address)) ? undefined : takeOver(dir, address));
}

function takeOver(dir: string, address: string): Promise<HeldDataDir | undefined> {
  rmSync(address, { force: true });
  return listen(dir, address);
}

function listen(dir: string, address: string): Promise<HeldDataDir | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      server.unref();
      resolve({ dir, close: () => server.close() });
    });
  });
}

/** Somebody alive listens there; the file of a process that was killed answers nobody. */
function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Short whatever the folder's path is: a socket's name has room for about a hundred bytes. */
function addressOf(dir: string): string {
  const name = `tincan-${createHash('sha256').update(dir).digest('hex').slice(0, 24)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return path.join(process.env.XDG_RUNTIME_DIR ?? tmpdir(), `${name}.lock`);
}
