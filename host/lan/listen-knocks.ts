// Hears remembered computers knock, and answers them. Promises: silence to everybody else; a datagram that is not named
// for us costs one look into a table; one that was recorded is not taken twice; only unblocked peers are heard.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  type Knock,
  knockNames,
  type OpenedKnock,
  openKnock,
  otherSide,
  readKnock,
  writeAnswer,
} from '../../shared/lan/knock.ts';
import { fromHex, toHex } from '../../shared/model/bytes.ts';
import {
  knockAnswersMax,
  knockListenAgainMs,
  knocksBurst,
  knocksHeldMax,
  knocksPerSecond,
  knockWindowMs,
} from '../../shared/wire/limits.ts';
import { TokenBucket } from '../../shared/wire/token-bucket.ts';
import type { KnockPlace } from './knock-place.ts';
import { type KnownPeer, secretsOf } from './known-store.ts';

export type HeardKnock = {
  /** Names this knock until it is answered. */
  readonly knock: string;
  readonly peer: KnownPeer;
  /** The one of the peer's secrets that opened it. */
  readonly secret: string;
  readonly invite: Uint8Array;
  /** Where it came from: an address the peer has now. */
  readonly from: string;
};

export type ListenKnocksOptions = {
  readonly place: KnockPlace;
  readonly interfaces: () => readonly string[];
  /** Those that may knock. */
  readonly peers: () => readonly KnownPeer[];
  readonly onKnock: (heard: HeardKnock) => void;
  readonly nowMs: () => number;
  /** The private addresses that an invite names. */
  readonly addressesIn: (invite: Uint8Array) => readonly string[];
};

export interface KnockListener {
  answer(knock: string, reply: Uint8Array): Promise<void>;
  /** Whose knock it is, for as long as it is remembered. */
  peerOf(knock: string): string | undefined;
  /** Addresses or peers changed. */
  refresh(): void;
  close(): void;
}

/** A peer that may knock under this secret of ours. */
type Named = { readonly peer: KnownPeer; readonly secret: string };

type Held = Named & {
  readonly from: RemoteInfo;
  readonly nonce: Uint8Array;
  readonly atMs: number;
  answer?: Uint8Array;
  sent: number;
};

export function listenKnocks(options: ListenKnocksOptions): KnockListener {
  const { addressesIn, place, interfaces, peers, onKnock, nowMs } = options;
  const held = new Map<string, Held>();
  const buckets = new Map<string, TokenBucket>();
  const joined = new Set<string>();
  let table: { readonly window: number; readonly byName: Promise<ReadonlyMap<string, Named>> } | undefined;
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  // The port may be taken, the network gone: then nobody is heard, and codes go on working.
  socket.on('error', () => tryTo(() => socket.close()));
  socket.on('message', (bytes, from) => void hear(bytes, from));
  socket.bind(place.port, () => joinGroups());
  const joining = setInterval(joinGroups, knockListenAgainMs);

  function joinGroups(): void {
    const present = interfaces();
    for (const address of joined) if (!present.includes(address)) joined.delete(address);
    for (const address of present) {
      if (joined.has(address)) continue;
      if (tryTo(() => socket.addMembership(place.group, address))) joined.add(address);
    }
  }

  function names(): Promise<ReadonlyMap<string, Named>> {
    const window = Math.floor(nowMs() / knockWindowMs);
    if (table?.window !== window) table = { window, byName: nameAll(peers(), nowMs()) };
    return table.byName;
  }

  async function hear(bytes: Buffer, from: RemoteInfo): Promise<void> {
    const knock = readKnock(new Uint8Array(bytes));
    const named = knock && (await names()).get(knock.name);
    if (knock === undefined || named === undefined) return;
    const key = toHex(knock.nonce);
    const known = held.get(key);
    if (known === undefined) await admit(knock, named, from);
    else repeat(known);
  }

  async function admit(knock: Knock, { peer, secret }: Named, from: RemoteInfo): Promise<void> {
    const opened = await openKnock(fromHex(secret), otherSide(peer.side), knock);
    const key = toHex(knock.nonce);
    forgetOld();
    if (
      opened === undefined ||
      !isFrom(opened, from.address) ||
      held.has(key) ||
      held.size >= knocksHeldMax ||
      !mayKnock(peer)
    )
      return;
    held.set(key, { peer, secret, from, nonce: knock.nonce, atMs: nowMs(), sent: 0 });
    onKnock({ knock: key, peer, secret, invite: opened.invite, from: from.address });
  }

  /** One that was recorded on another network comes from an address that the peer did not have when it wrote it. */
  function isFrom({ invite, addresses }: OpenedKnock, address: string): boolean {
    return (addresses.length > 0 ? addresses : addressesIn(invite)).includes(address);
  }

  /** A knock that is known comes from whoever made it, or from somebody who recorded it: only the first place is answered. */
  function repeat(known: Held): void {
    if (known.answer === undefined || known.sent >= knockAnswersMax) return;
    known.sent += 1;
    send(socket, known.answer, known.from);
  }

  function mayKnock(peer: KnownPeer): boolean {
    const bucket = buckets.get(peer.id) ?? new TokenBucket(knocksPerSecond, knocksBurst, nowMs());
    buckets.set(peer.id, bucket);
    return bucket.take(nowMs());
  }

  /** Its name has run out everywhere by then. */
  function forgetOld(): void {
    for (const [key, { atMs }] of held) if (nowMs() - atMs > 3 * knockWindowMs) held.delete(key);
  }

  return {
    async answer(knock, reply) {
      const known = held.get(knock);
      if (known === undefined || known.answer !== undefined) return;
      const { peer, secret, nonce } = known;
      const answer = await writeAnswer(fromHex(secret), peer.side, { nonce, reply });
      if (answer === undefined) return;
      known.answer = answer;
      repeat(known);
    },
    peerOf: (knock) => held.get(knock)?.peer.id,
    refresh() {
      table = undefined;
      joinGroups();
    },
    close() {
      clearInterval(joining);
      tryTo(() => socket.close());
    },
  };
}

async function nameAll(peers: readonly KnownPeer[], nowMs: number): Promise<ReadonlyMap<string, Named>> {
  const lists = await Promise.all(
    peers.flatMap((peer) =>
      secretsOf(peer).map(async (secret) => {
        const names = await knockNames(fromHex(secret), otherSide(peer.side), nowMs);
        return names.map((name) => [name, { peer, secret }] as const);
      }),
    ),
  );
  return new Map(lists.flat());
}

function send(socket: Socket, bytes: Uint8Array, to: RemoteInfo): void {
  tryTo(() => socket.send(bytes, to.port, to.address, () => undefined));
}

/** A socket that is closed, an interface that went away: nothing to do about either. */
function tryTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
