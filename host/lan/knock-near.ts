// Looks for one remembered computer: knocks on every private network by multicast, and at the addresses it had last, until
// it answers. Promises: it ends within the deadline; only an answer that the pair's secret opens is one.

import { createSocket, type Socket } from 'node:dgram';
import { type Knock, openAnswer, otherSide, writeKnock } from '../../shared/lan/knock.ts';
import { fromHex } from '../../shared/model/bytes.ts';
import { knockAddressesMax, knockAtMs, knockDeadlineMs, knockOlderSecretFromMs } from '../../shared/wire/limits.ts';
import type { KnockPlace } from './knock-place.ts';
import { type KnownPeer, secretsOf } from './known-store.ts';

/** `secret`: the one of ours that opened it. */
export type KnockFound = { readonly reply: Uint8Array; readonly from: string; readonly secret: string };

export type KnockRun = {
  /** The reply's bytes and where they came from; nothing when nobody answered. */
  readonly done: Promise<KnockFound | undefined>;
  close(): void;
};

export type KnockNearOptions = {
  readonly peer: KnownPeer;
  readonly invite: Uint8Array;
  readonly place: KnockPlace;
  readonly interfaces: readonly string[];
  readonly nowMs: number;
  readonly isReply: (reply: Uint8Array) => boolean;
};

type WrittenKnock = Knock & { readonly secret: string; readonly atMs: readonly number[] };

export function knockNear({ peer, invite, place, interfaces, nowMs, isReply }: KnockNearOptions): KnockRun {
  const sockets: Socket[] = [];
  const timers: ReturnType<typeof setTimeout>[] = [];
  let settle: (found?: KnockFound) => void = () => undefined;
  const done = new Promise<KnockFound | undefined>((resolve) => {
    settle = (found) => {
      for (const timer of timers.splice(0)) clearTimeout(timer);
      for (const socket of sockets.splice(0)) socket.close();
      resolve(found);
    };
  });
  void start();

  async function start(): Promise<void> {
    const addresses = interfaces.slice(0, knockAddressesMax);
    const written = await Promise.all(secretsOf(peer).map((secret, age) => write(secret, age, addresses)));
    const knocks = written.filter((knock) => knock !== undefined);
    if (knocks.length === 0) {
      settle();
      return;
    }
    for (const address of addresses) openAt(address, knocks);
    timers.push(setTimeout(() => settle(), knockDeadlineMs));
  }

  /** The older secret is used only where nobody answers to the newer one: the other side may not have that. */
  async function write(secret: string, age: number, addresses: readonly string[]): Promise<WrittenKnock | undefined> {
    const knock = await writeKnock(fromHex(secret), peer.side, { nowMs, invite, addresses });
    const fromMs = age === 0 ? 0 : knockOlderSecretFromMs;
    return knock && { secret, ...knock, atMs: knockAtMs.filter((at) => at >= fromMs) };
  }

  /** One socket a network: what leaves by it comes from that network's address, and answers find back to it. */
  function openAt(address: string, knocks: readonly WrittenKnock[]): void {
    const socket = createSocket({ type: 'udp4' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('message', (answer, from) => void take(new Uint8Array(answer), knocks, from.address));
    socket.bind(0, address, () => {
      if (!sockets.includes(socket)) return;
      socket.setMulticastTTL(1);
      socket.setMulticastInterface(address);
      for (const { atMs, bytes } of knocks) {
        for (const afterMs of atMs) timers.push(setTimeout(() => knockFrom(socket, bytes), afterMs));
      }
    });
  }

  function knockFrom(socket: Socket, bytes: Uint8Array): void {
    for (const to of [place.group, ...peer.addresses]) socket.send(bytes, place.port, to, () => undefined);
  }

  async function take(bytes: Uint8Array, knocks: readonly WrittenKnock[], from: string): Promise<void> {
    for (const { secret, nonce } of knocks) {
      const reply = await openAnswer(fromHex(secret), otherSide(peer.side), { nonce, bytes });
      if (reply !== undefined && isReply(reply)) settle({ reply, from, secret });
    }
  }

  return { done, close: () => settle() };
}
