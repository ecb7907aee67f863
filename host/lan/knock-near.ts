// Looks for one remembered computer: knocks on every private network by multicast, and at the addresses it had last, until
// it answers. Promises: it ends within the deadline; only an answer that the pair's secret opens is one.

import { createSocket, type Socket } from 'node:dgram';
import { openAnswer, otherSide, writeKnock } from '../../shared/lan/knock.ts';
import { fromHex } from '../../shared/model/bytes.ts';
import { knockAddressesMax, knockAtMs, knockDeadlineMs } from '../../shared/wire/limits.ts';
import type { KnockPlace } from './knock-place.ts';
import type { KnownPeer } from './known-store.ts';

export type KnockRun = {
  /** The reply's bytes and where they came from; nothing when nobody answered. */
  readonly done: Promise<{ readonly reply: Uint8Array; readonly from: string } | undefined>;
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

export function knockNear({ peer, invite, place, interfaces, nowMs, isReply }: KnockNearOptions): KnockRun {
  const sockets: Socket[] = [];
  const timers: ReturnType<typeof setTimeout>[] = [];
  const secret = fromHex(peer.secret);
  let settle: (found?: { readonly reply: Uint8Array; readonly from: string }) => void = () => undefined;
  const done = new Promise<{ readonly reply: Uint8Array; readonly from: string } | undefined>((resolve) => {
    settle = (found) => {
      for (const timer of timers.splice(0)) clearTimeout(timer);
      for (const socket of sockets.splice(0)) socket.close();
      resolve(found);
    };
  });
  void start();

  async function start(): Promise<void> {
    const addresses = interfaces.slice(0, knockAddressesMax);
    const knock = await writeKnock(secret, peer.side, { nowMs, invite, addresses });
    if (knock === undefined) {
      settle();
      return;
    }
    for (const address of addresses) openAt(address, knock.nonce, knock.bytes);
    timers.push(setTimeout(() => settle(), knockDeadlineMs));
  }

  /** One socket a network: what leaves by it comes from that network's address, and answers find back to it. */
  function openAt(address: string, nonce: Uint8Array, bytes: Uint8Array): void {
    const socket = createSocket({ type: 'udp4' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('message', (answer, from) => void take(new Uint8Array(answer), nonce, from.address));
    socket.bind(0, address, () => {
      if (!sockets.includes(socket)) return;
      socket.setMulticastTTL(1);
      socket.setMulticastInterface(address);
      for (const afterMs of knockAtMs) timers.push(setTimeout(() => knockFrom(socket, bytes), afterMs));
    });
  }

  function knockFrom(socket: Socket, bytes: Uint8Array): void {
    for (const to of [place.group, ...peer.addresses]) socket.send(bytes, place.port, to, () => undefined);
  }

  async function take(bytes: Uint8Array, nonce: Uint8Array, from: string): Promise<void> {
    const reply = await openAnswer(secret, otherSide(peer.side), { nonce, bytes });
    if (reply !== undefined && isReply(reply)) settle({ reply, from });
  }

  return { done, close: () => settle() };
}
