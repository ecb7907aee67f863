// Receives discovery requests of remembered computers, and answers them. Promises: silence to everybody else; a datagram that is not named
// for us costs one look into a table; one that was recorded is not taken twice; only unblocked peers are heard.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  type DiscoveryRequest,
  type OpenedRequest,
  openRequest,
  otherSide,
  readRequest,
  requestNames,
  writeAnswer,
} from '../../shared/lan/discovery.ts';
import { fromHex, toHex } from '../../shared/model/bytes.ts';
import {
  answersPerRequestMax,
  datagramsOpenedAtOnce,
  rejoinGroupsMs,
  requestsBurst,
  requestsPerSecond,
  requestWindowMs,
} from '../../shared/wire/limits.ts';
import { TokenBucket } from '../../shared/wire/token-bucket.ts';
import type { DiscoveryGroup } from './discovery-group.ts';
import { type StoredPeer, secretsOf } from './remembered-store.ts';

export type HeardRequest = {
  /** Names this request until it is answered. */
  readonly request: string;
  readonly peer: StoredPeer;
  /** The one of the peer's secrets that opened it. */
  readonly secret: string;
  readonly invite: Uint8Array;
  /** Where it came from: an address the peer has now. */
  readonly from: string;
};

export type RequestListenerOptions = {
  readonly place: DiscoveryGroup;
  readonly interfaces: () => readonly string[];
  /** Those whose requests are accepted. */
  readonly peers: () => readonly StoredPeer[];
  readonly onRequest: (heard: HeardRequest) => void;
  readonly nowMs: () => number;
  /** The private addresses that an invite names. */
  readonly addressesIn: (invite: Uint8Array) => readonly string[];
};

export interface RequestListener {
  answer(request: string, reply: Uint8Array): Promise<void>;
  /** Whose request it is, for as long as it is remembered. */
  peerOf(request: string): string | undefined;
  /** Addresses or peers changed. */
  refresh(): void;
  close(): void;
}

/** A peer whose requests this secret of ours opens. */
type Named = { readonly peer: StoredPeer; readonly secret: string };

type Held = Named & {
  readonly from: RemoteInfo;
  readonly nonce: Uint8Array;
  readonly atMs: number;
  answer?: Uint8Array;
  sent: number;
};

export function listenForRequests(options: RequestListenerOptions): RequestListener {
  const { addressesIn, place, interfaces, peers, onRequest, nowMs } = options;
  const held = new Map<string, Held>();
  const buckets = new Map<string, TokenBucket>();
  let opening = 0;
  let table: { readonly window: number; readonly byName: Promise<ReadonlyMap<string, Named>> } | undefined;
  let socket = bindSocket();
  let isBound = false;
  /** How often this socket joined. */
  let joins = 0;
  const joining = setInterval(look, rejoinGroupsMs);

  /** The port may be taken, the network gone: then nobody is heard for a while, and codes go on working. */
  function bindSocket(): Socket | undefined {
    const opened = createSocket({ type: 'udp4', reuseAddr: true });
    opened.on('error', () => {
      tryTo(() => opened.close());
      socket = undefined;
      isBound = false;
    });
    opened.on('message', (bytes, from) => void hear(bytes, from));
    opened.bind(place.port, () => {
      isBound = true;
      joins = 0;
      joinGroups();
    });
    return opened;
  }

  function look(): void {
    if (socket === undefined) socket = bindSocket();
    else if (isBound) joinGroups();
  }

  /** Each time anew: a network that went away and came back with the same address is not joined any more. One that is still joined says so. */
  function joinGroups(): void {
    const addresses = interfaces();
    for (const address of addresses) {
      try {
        socket?.addMembership(place.group, address);
        joins += 1;
      } catch (error) {
        if (!isFull(error) || joins <= addresses.length) continue;
        bindAnew();
        return;
      }
    }
  }

  /** Linux counts the networks that are gone against the twenty that a socket may join, and lets nobody leave them. */
  function bindAnew(): void {
    tryTo(() => socket?.close());
    isBound = false;
    socket = bindSocket();
  }

  function names(): Promise<ReadonlyMap<string, Named>> {
    const window = Math.floor(nowMs() / requestWindowMs);
    if (table?.window !== window) table = { window, byName: nameAll(peers(), nowMs()) };
    return table.byName;
  }

  async function hear(bytes: Buffer, from: RemoteInfo): Promise<void> {
    const request = readRequest(new Uint8Array(bytes));
    const named = request && (await names()).get(request.name);
    if (request === undefined || named === undefined) return undefined;
    const key = toHex(request.nonce);
    const known = held.get(key);
    if (known !== undefined) return repeat(known);
    // Those beyond are dropped: a request is sent again, a copy of its name is nothing.
    if (opening >= datagramsOpenedAtOnce) return undefined;
    opening += 1;
    return admit(request, named, from).finally(() => {
      opening -= 1;
    });
  }

  async function admit(request: DiscoveryRequest, { peer, secret }: Named, from: RemoteInfo): Promise<void> {
    const opened = await openRequest(fromHex(secret), otherSide(peer.side), request);
    const key = toHex(request.nonce);
    forgetOld();
    if (opened === undefined || !isFrom(opened, from.address) || held.has(key) || !mayAsk(peer)) return;
    held.set(key, { peer, secret, from, nonce: request.nonce, atMs: nowMs(), sent: 0 });
    onRequest({ request: key, peer, secret, invite: opened.invite, from: from.address });
  }

  /** One that was recorded on another network comes from an address that the peer did not have when it wrote it. */
  function isFrom({ invite, addresses }: OpenedRequest, address: string): boolean {
    return (addresses.length > 0 ? addresses : addressesIn(invite)).includes(address);
  }

  /** A request that is known comes from whoever made it, or from somebody who recorded it: only the first place is answered. */
  function repeat(known: Held): void {
    if (known.answer === undefined || known.sent >= answersPerRequestMax || !isCurrent(known)) return;
    known.sent += 1;
    if (socket !== undefined) send(socket, known.answer, known.from);
  }

  /** Not under a secret that was dropped meanwhile: the caller would make the next one of it, and the two would find each other no more. */
  function isCurrent({ peer, secret }: Named): boolean {
    return peers().some((each) => each.id === peer.id && secretsOf(each).includes(secret));
  }

  function mayAsk(peer: StoredPeer): boolean {
    const bucket = buckets.get(peer.id) ?? new TokenBucket(requestsPerSecond, requestsBurst, nowMs());
    buckets.set(peer.id, bucket);
    return bucket.take(nowMs());
  }

  /** Its name has run out everywhere by then, or the clock was set back to where it is not yet one. */
  function forgetOld(): void {
    for (const [key, { atMs }] of held) if (Math.abs(nowMs() - atMs) > 3 * requestWindowMs) held.delete(key);
  }

  return {
    async answer(request, reply) {
      const known = held.get(request);
      if (known === undefined || known.answer !== undefined) return;
      const { peer, secret, nonce } = known;
      const answer = await writeAnswer(fromHex(secret), peer.side, { nonce, reply });
      if (answer === undefined) return;
      known.answer = answer;
      repeat(known);
    },
    peerOf: (request) => held.get(request)?.peer.id,
    refresh() {
      table = undefined;
      look();
    },
    close() {
      clearInterval(joining);
      tryTo(() => socket?.close());
    },
  };
}

async function nameAll(peers: readonly StoredPeer[], nowMs: number): Promise<ReadonlyMap<string, Named>> {
  const lists = await Promise.all(
    peers.flatMap((peer) =>
      secretsOf(peer).map(async (secret) => {
        const names = await requestNames(fromHex(secret), otherSide(peer.side), nowMs);
        return names.map((name) => [name, { peer, secret }] as const);
      }),
    ),
  );
  return new Map(lists.flat());
}

function send(socket: Socket, bytes: Uint8Array, to: RemoteInfo): void {
  tryTo(() => socket.send(bytes, to.port, to.address, () => undefined));
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOBUFS';
}

/** A socket that is closed, an interface that went away: nothing to do about either. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
