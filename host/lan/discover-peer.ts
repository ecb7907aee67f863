// Looks for one remembered computer: sends discovery requests on every private network by multicast, and to the addresses it had last, until
// it answers. Promises: it ends within the deadline; only an answer that the pair's secret opens is one.

import { createSocket, type Socket } from 'node:dgram';
import { type DiscoveryRequest, openAnswer, otherSide, writeRequest } from '../../shared/lan/discovery.ts';
import { fromHex } from '../../shared/model/bytes.ts';
import {
  datagramsOpenedAtOnce,
  discoveryDeadlineMs,
  requestAddressesMax,
  requestAtMs,
  requestOlderSecretFromMs,
} from '../../shared/wire/limits.ts';
import type { DiscoveryGroup } from './discovery-group.ts';
import { type StoredPeer, secretsOf } from './remembered-store.ts';

/** `secret`: the one of ours that opened it. */
export type FoundPeer = { readonly reply: Uint8Array; readonly from: string; readonly secret: string };

export type Discovery = {
  /** The reply's bytes and where they came from; nothing when nobody answered. */
  readonly done: Promise<FoundPeer | undefined>;
  close(): void;
};

export type DiscoverOptions = {
  readonly peer: StoredPeer;
  readonly invite: Uint8Array;
  readonly place: DiscoveryGroup;
  readonly interfaces: readonly string[];
  readonly nowMs: number;
  readonly isReply: (reply: Uint8Array) => boolean;
};

type WrittenRequest = DiscoveryRequest & { readonly secret: string; readonly atMs: readonly number[] };

export function discoverPeer({ peer, invite, place, interfaces, nowMs, isReply }: DiscoverOptions): Discovery {
  const sockets: Socket[] = [];
  const timers: ReturnType<typeof setTimeout>[] = [];
  let opening = 0;
  let isOver = false;
  let settle: (found?: FoundPeer) => void = () => undefined;
  const done = new Promise<FoundPeer | undefined>((resolve) => {
    settle = (found) => {
      isOver = true;
      for (const timer of timers.splice(0)) clearTimeout(timer);
      for (const socket of sockets.splice(0)) socket.close();
      resolve(found);
    };
  });
  void start();

  async function start(): Promise<void> {
    const addresses = interfaces.slice(0, requestAddressesMax);
    const written = await Promise.all(secretsOf(peer).map((secret, age) => write(secret, age, addresses)));
    // It may have been closed meanwhile.
    if (isOver) return;
    const requests = written.filter((request) => request !== undefined);
    if (requests.length === 0) {
      settle();
      return;
    }
    for (const address of addresses) openAt(address, requests);
    timers.push(setTimeout(() => settle(), discoveryDeadlineMs));
  }

  /** The older secret is used only where nobody answers to the newer one: the other side may not have that. */
  async function write(secret: string, age: number, addresses: readonly string[]): Promise<WrittenRequest | undefined> {
    const request = await writeRequest(fromHex(secret), peer.side, { nowMs, invite, addresses });
    const fromMs = age === 0 ? 0 : requestOlderSecretFromMs;
    return request && { secret, ...request, atMs: requestAtMs.filter((at) => at >= fromMs) };
  }

  /** One socket a network: what leaves by it comes from that network's address, and answers find back to it. */
  function openAt(address: string, requests: readonly WrittenRequest[]): void {
    const socket = createSocket({ type: 'udp4' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('message', (answer, from) => void take(new Uint8Array(answer), requests, from.address));
    socket.bind(0, address, () => {
      if (!sockets.includes(socket)) return;
      socket.setMulticastTTL(1);
      try {
        socket.setMulticastInterface(address);
      } catch {
        // That network went away in this moment.
        return;
      }
      for (const { atMs, bytes } of requests) {
        for (const afterMs of atMs) timers.push(setTimeout(() => sendFrom(socket, bytes), afterMs));
      }
    });
  }

  function sendFrom(socket: Socket, bytes: Uint8Array): void {
    for (const to of [place.group, ...peer.addresses]) socket.send(bytes, place.port, to, () => undefined);
  }

  /** Anybody on the network sees where the answer goes, and may send something there. */
  async function take(bytes: Uint8Array, requests: readonly WrittenRequest[], from: string): Promise<void> {
    if (opening >= datagramsOpenedAtOnce) return;
    opening += 1;
    try {
      for (const { secret, nonce } of requests) {
        const reply = await openAnswer(fromHex(secret), otherSide(peer.side), { nonce, bytes });
        if (reply !== undefined && isReply(reply)) settle({ reply, from, secret });
      }
    } finally {
      opening -= 1;
    }
  }

  return { done, close: () => settle() };
}
