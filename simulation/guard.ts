// While a run is under way this process has the run's time and the run's chance, and nothing else: whoever asks for the date,
// a monotonic time, random bytes or a hash gets what the seed says. Real timers, files, sockets, threads and programs are
// refused, and touching one fails the run, since it would make the seed worthless.

import childProcess from 'node:child_process';
import nodeCrypto from 'node:crypto';
import dgram from 'node:dgram';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import tls from 'node:tls';
import workerThreads from 'node:worker_threads';
import type { World } from './world.ts';

export const homeFolder = '/home/user';

type Hkdf = { readonly salt: Uint8Array; readonly info: Uint8Array };
type Loose = Record<string, unknown>;

/** Answers how to give the process its own back. */
export function enclose(world: World): () => void {
  const undo: (() => void)[] = [];

  function replace(owner: object, name: string, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: true });
    undo.push(() => {
      if (before === undefined) delete (owner as Loose)[name];
      else Object.defineProperty(owner, name, before);
    });
  }

  function refuse(owner: object, room: string, names: readonly string[] = Object.keys(owner)): void {
    for (const name of names) {
      if (typeof (owner as Loose)[name] !== 'function') continue;
      replace(owner, name, () => {
        world.fail(`touched ${room}.${name}: ${new Error().stack?.split('\n')[2]?.trim()}`);
        throw new Error(`${room}.${name} is not there in a simulation`);
      });
    }
  }

  const RealDate = Date;
  class VirtualDate extends RealDate {
    constructor(...args: readonly unknown[]) {
      super(...((args.length === 0 ? [world.wallClockMs] : args) as [number]));
    }
    static override now(): number {
      return world.wallClockMs;
    }
  }
  replace(globalThis, 'Date', VirtualDate);
  replace(performance, 'now', () => world.nowMs);
  refuse(Math, 'Math', ['random']);
  refuse(globalThis, 'globalThis', ['setTimeout', 'setInterval', 'setImmediate', 'fetch']);

  function fill<T extends Uint8Array>(bytes: T): T {
    world.chance.fill(bytes);
    return bytes;
  }
  replace(crypto, 'getRandomValues', fill);
  refuse(crypto, 'crypto', ['randomUUID']);
  refuse(crypto.subtle, 'crypto.subtle', ['deriveKey', 'encrypt', 'decrypt', 'generateKey', 'exportKey', 'sign']);
  // The real one answers from other threads, in an order that no seed can bring back: this one, now and then, a moment later.
  replace(crypto.subtle, 'digest', async (name: string, bytes: Uint8Array) => {
    const hash = nodeCrypto.createHash(name.replace('-', '').toLowerCase()).update(bytes).digest();
    if (world.chance.hits(0.1)) await world.wait(world.chance.between(0.01, 3));
    await world.whileBusy();
    return new Uint8Array(hash).buffer;
  });
  replace(crypto.subtle, 'importKey', async (_: string, raw: Uint8Array) => raw);
  replace(crypto.subtle, 'deriveBits', async ({ salt, info }: Hkdf, raw: Uint8Array, bits: number) =>
    nodeCrypto.hkdfSync('sha256', raw, salt, info, bits / 8),
  );
  replace(nodeCrypto, 'randomBytes', (size: number) => fill(Buffer.alloc(size)));
  refuse(nodeCrypto, 'node:crypto', ['randomFill', 'randomFillSync', 'randomInt', 'randomUUID', 'generateKeyPair']);
  replace(timersPromises, 'setImmediate', () => world.wait(0));
  refuse(timersPromises, 'node:timers/promises', ['setTimeout', 'setInterval']);
  refuse(timers, 'node:timers', ['setTimeout', 'setInterval', 'setImmediate']);
  replace(os, 'homedir', () => homeFolder);
  replace(os, 'hostname', () => 'computer');
  refuse(fs, 'node:fs');
  refuse(fs.promises, 'node:fs/promises');
  refuse(childProcess, 'node:child_process');
  refuse(net, 'node:net', ['connect', 'createConnection', 'createServer']);
  refuse(tls, 'node:tls', ['connect', 'createServer']);
  refuse(dgram, 'node:dgram', ['createSocket']);
  refuse(workerThreads, 'node:worker_threads', ['Worker']);
  syncBuiltinESMExports();

  const escaped = (error: unknown) => {
    world.fail(`unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('unhandledRejection', escaped);
  return () => {
    for (const back of undo.reverse()) back();
    syncBuiltinESMExports();
    process.off('unhandledRejection', escaped);
  };
}
