// A reply between two Tincans on one computer, over a real local socket, with a stranger who looks for it.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectTo, deliverReply } from '../../../host/lan/deliver-reply.ts';
import { listenForReply } from '../../../host/lan/reply-listener.ts';
import { localPlace } from '../../../host/lan/reply-place.ts';
import { systemClock } from '../../../host/system-clock.ts';

const secret = new Uint8Array(randomBytes(32));
const reply = new Uint8Array(randomBytes(90));
const way = { clock: systemClock, platform: process.platform, connect: connectTo };
const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function listen(): Promise<Uint8Array[]> {
  const taken: Uint8Array[] = [];
  const take = (bytes: Uint8Array) => taken.push(bytes) > 0;
  const places = [await localPlace(secret)];
  open.push(listenForReply({ clock: systemClock, rules: {}, places, secret, seen: new Set(), take }));
  return taken;
}

async function deliver(known: Uint8Array): Promise<boolean> {
  return deliverReply({ places: [await localPlace(known)], secret: known, reply }, way).done;
}

describe('a reply on one computer', () => {
  it('goes to the one whose invite it answers, once', async () => {
    const taken = await listen();
    expect(await deliver(secret)).toBe(true);
    expect(taken).toEqual([reply]);
    expect(await deliver(secret)).toBe(false);
  });

  it('finds nobody by another invite, nor where nobody waits any more', async () => {
    const taken = await listen();
    expect(await deliver(new Uint8Array(randomBytes(32)))).toBe(false);
    open[0]!.close();
    expect(await deliver(secret)).toBe(false);
    expect(taken).toEqual([]);
  });

  it('says nothing to somebody who knows the place and not the invite', async () => {
    const taken = await listen();
    const stranger = connect(await localPlace(secret));
    open.push({ close: () => stranger.destroy() });
    const said: Buffer[] = [];
    stranger.on('data', (bytes) => said.push(bytes));
    stranger.on('error', () => undefined);
    stranger.write(randomBytes(200));
    await new Promise((resolve) => stranger.once('close', resolve));
    expect(said).toEqual([]);
    expect(taken).toEqual([]);
    expect(await deliver(secret)).toBe(true);
  });

  it.each([
    ['linux', /^\0tincan-[0-9a-f]{32}$/],
    ['win32', /^\\\\\.\\pipe\\tincan-[0-9a-f]{32}$/],
    ['darwin', /^\/.*\/tincan-[0-9a-f]{32}\.socket$/],
  ] as const)('has a place on %s', async (platform, form) => {
    expect((await localPlace(secret, platform)).path).toMatch(form);
  });
});
