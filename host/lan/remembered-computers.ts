// Remembered computers: kept with a secret that two computers share since a checked link, found on the network without a
// code, and asked for nothing but a reply. Promises: nobody who is blocked or forgotten is heard; names and addresses of
// a peer come from what the pair's secret opened, never from the page alone.

import { randomBytes } from 'node:crypto';
import { codeText, decodeCode } from '../../shared/code/code-text.ts';
import type { LinkCode } from '../../shared/code/link-code.ts';
import type { RememberedPeerView } from '../../shared/ipc/views.ts';
import { nextPairSecret, type PairSide } from '../../shared/lan/discovery.ts';
import { isLanAddress, type LanRules, lanAddresses } from '../../shared/lan/lan-address.ts';
import { fromHex, toHex } from '../../shared/model/bytes.ts';
import { Fault } from '../../shared/model/fault.ts';
import { rememberedAddressesMax, rememberedPeersMax } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { type Discovery, discoverPeer } from './discover-peer.ts';
import { type DiscoveryGroup, discoveryGroup, discoveryInterfaces } from './discovery-group.ts';
import { type HeardRequest, listenForRequests, type RequestListener } from './discovery-listener.ts';
import { ownAddresses } from './own-addresses.ts';
import { openRememberedStore, type SecretBox, type StoredPeer, secretsOf } from './remembered-store.ts';

export type RememberedOptions = {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly secrets?: SecretBox;
  /** May others find this computer. Looking for them is the person's own click and needs no setting. */
  readonly isOn: () => boolean;
  readonly onChange: (peers: readonly RememberedPeerView[]) => void;
  readonly onRequest: (request: {
    readonly request: string;
    readonly id: string;
    readonly name: string;
    readonly invite: string;
  }) => void;
  readonly nowMs?: () => number;
  /** Tests only: another place, both sides on this computer. */
  readonly place?: DiscoveryGroup;
  readonly rules?: LanRules;
};

export type Remembered = {
  readonly secret: string;
  readonly side: PairSide;
  readonly name: string;
  /** The code they were linked by. */
  readonly code: string;
};

export interface RememberedComputers {
  /** Tries a locked keychain again first. */
  list(): Promise<readonly RememberedPeerView[]>;
  isLocked(): boolean;
  remember(remembered: Remembered): Promise<{ readonly id: string }>;
  change(
    id: string,
    change: {
      readonly name?: string | undefined;
      readonly blocked?: boolean | undefined;
      /** Null: asks about everything again. */
      readonly acceptMaxBytes?: number | null | undefined;
      /** Null: the download folder again. */
      readonly acceptDir?: string | null | undefined;
    },
  ): Promise<void>;
  /** The folder of its own for what is accepted without asking. */
  acceptDir(id: string): string | undefined;
  forget(id: string): Promise<void>;
  /** Finds it and brings back its reply to this invite, or nothing when it is not here. */
  call(id: string, invite: string): Promise<{ readonly reply: string; readonly name: string } | undefined>;
  answer(request: string, reply: string): Promise<void>;
  /** Makes the secret that the next meeting may use. Until it was used the present one stays: a link may break. */
  renew(meeting: { readonly id: string } | { readonly request: string }, renewal: string): Promise<void>;
  /** The setting or the network changed. */
  refresh(): void;
  close(): Promise<void>;
}

export async function openRememberedComputers(options: RememberedOptions): Promise<RememberedComputers> {
  const { isOn, onChange, onRequest, nowMs = Date.now, place = discoveryGroup, rules = {} } = options;
  const store = await openRememberedStore(options.disk, options.dataDir, options.secrets);
  const calls = new Set<Discovery>();
  let listener: RequestListener | undefined;
  let closed = false;
  refresh();

  function unblocked(): StoredPeer[] {
    return store.usable().filter(({ blocked }) => !blocked);
  }

  function refresh(): void {
    const peers = unblocked();
    if (closed || !isOn() || peers.length === 0) {
      listener?.close();
      listener = undefined;
    } else if (listener !== undefined) listener.refresh();
    else {
      listener = listenForRequests({
        place,
        interfaces: () => discoveryInterfaces(rules),
        peers: unblocked,
        onRequest: (heard) => void hear(heard),
        nowMs,
        addressesIn: (invite) => {
          const code = readCode(codeText(invite), 'invite', rules);
          return code === undefined ? [] : addressesOf(code, rules);
        },
      });
    }
  }

  async function write(peers: readonly StoredPeer[]): Promise<void> {
    try {
      await store.write(peers);
    } finally {
      // On a disk that takes nothing it counts all the same until the program ends: whoever was blocked is not heard.
      refresh();
      onChange(views());
    }
  }

  /** What a locked keychain keeps is not known yet, and not lost. */
  async function unlock(): Promise<void> {
    if (!(await store.unlock())) return;
    refresh();
    onChange(views());
  }

  function views(): readonly RememberedPeerView[] {
    return store.all().map(({ id, name, seenAtMs, blocked, acceptMaxBytes, acceptDir }) => ({
      id,
      name,
      seenAtMs,
      blocked,
      ...(acceptMaxBytes === undefined ? {} : { acceptMaxBytes }),
      ...(acceptDir === undefined ? {} : { acceptDir }),
    }));
  }

  function find(id: string): StoredPeer {
    const peer = store.all().find((each) => each.id === id);
    if (peer === undefined) throw new Fault('bridge-refused', 'that computer is not remembered');
    return peer;
  }

  /** Whoever was blocked or forgotten meanwhile is nobody. */
  function heardOf(id: string | undefined): StoredPeer | undefined {
    return unblocked().find((each) => each.id === id);
  }

  /** On a disk that takes nothing the old addresses stay; multicast finds the peer all the same. */
  async function seen(peer: StoredPeer, code: LinkCode, from: string): Promise<void> {
    const addresses = keepAddresses([from, ...addressesOf(code, rules), ...peer.addresses], rules);
    const peers = store.all().map((each) => (each.id === peer.id ? { ...each, addresses, seenAtMs: nowMs() } : each));
    await store.write(peers).catch(() => undefined);
    // The disk may have taken a new secret now that it refused before.
    listener?.refresh();
  }

  /** The other side has it too: whatever is older is worth nothing from now on. */
  async function used(id: string, secret: string): Promise<void> {
    const peer = store.all().find((each) => each.id === id);
    if (peer?.next !== secret) return;
    const { next: _, ...kept } = peer;
    await store.write(store.all().map((each) => (each === peer ? { ...kept, secret } : each))).catch(() => undefined);
    listener?.refresh();
  }

  async function hear({ request, peer, secret, invite, from }: HeardRequest): Promise<void> {
    const code = readCode(codeText(invite), 'invite', rules);
    if (code === undefined) return;
    await used(peer.id, secret);
    const known = heardOf(peer.id);
    // It may have been turned off meanwhile, or the caller's request under the newer secret came at the same time.
    if (known === undefined || !secretsOf(known).includes(secret) || closed || !isOn()) return;
    onRequest({ request, id: known.id, name: known.name, invite: codeText(invite) });
    await seen(known, code, from);
  }

  return {
    async list() {
      await unlock();
      return views();
    },
    isLocked: () => store.isLocked(),
    refresh() {
      // What the disk refuses here is asked of it again, and told, with the next list.
      void unlock().catch(() => undefined);
      refresh();
    },
    async remember({ secret, side, name, code }) {
      await unlock();
      const known = store.all().find((each) => each.secret === secret);
      if (known !== undefined) {
        // The disk did not take it before, and the person tries again.
        await write(store.all());
        return { id: known.id };
      }
      const theirs = decodeCode(code, rules);
      const addresses = theirs.ok ? keepAddresses(addressesOf(theirs.code, rules), rules) : [];
      const id = randomBytes(8).toString('hex');
      const own = distinctName(name, store.all());
      const peer: StoredPeer = { id, secret, side, name: own, addresses, seenAtMs: nowMs(), blocked: false };
      await write([peer, ...store.all()].slice(0, rememberedPeersMax));
      return { id };
    },
    acceptDir: (id) => find(id).acceptDir,
    async change(id, { name, blocked, acceptMaxBytes, acceptDir }) {
      const { acceptMaxBytes: mostBefore, acceptDir: dirBefore, ...peer } = find(id);
      const most = acceptMaxBytes === undefined ? mostBefore : (acceptMaxBytes ?? undefined);
      const dir = acceptDir === undefined ? dirBefore : (acceptDir ?? undefined);
      const next: StoredPeer = {
        ...peer,
        name: name ?? peer.name,
        blocked: blocked ?? peer.blocked,
        ...(most === undefined ? {} : { acceptMaxBytes: most }),
        ...(dir === undefined ? {} : { acceptDir: dir }),
      };
      await write(store.all().map((each) => (each.id === id ? next : each)));
    },
    async forget(id) {
      await write(store.all().filter((each) => each.id !== id));
    },
    async call(id, inviteText) {
      find(id);
      const peer = heardOf(id);
      const invite = readCode(inviteText, 'invite', rules);
      if (closed || peer === undefined || invite === undefined) return undefined;
      // One call at a time: the person clicked on somebody else.
      for (const earlier of calls) earlier.close();
      const run = discoverPeer({
        // Earlier versions kept whatever a peer sent from.
        peer: { ...peer, addresses: keepAddresses(peer.addresses, rules) },
        invite: bytesOf(inviteText, rules),
        place,
        interfaces: discoveryInterfaces(rules),
        nowMs: nowMs(),
        isReply: (bytes) => {
          const reply = readCode(codeText(bytes), 'reply', rules);
          return reply !== undefined && toHex(reply.sessionId) === toHex(invite.sessionId);
        },
      });
      calls.add(run);
      const found = await run.done;
      calls.delete(run);
      const reply = found && readCode(codeText(found.reply), 'reply', rules);
      const known = heardOf(id);
      if (found === undefined || reply === undefined || known === undefined) return undefined;
      await used(id, found.secret);
      await seen(known, reply, found.from);
      // It may have been blocked or forgotten while that was being written.
      const still = heardOf(id);
      return still && !closed ? { reply: codeText(found.reply), name: still.name } : undefined;
    },
    async renew(meeting, renewal) {
      const id = 'id' in meeting ? meeting.id : listener?.peerOf(meeting.request);
      const peer = store.all().find((each) => each.id === id);
      if (peer === undefined) throw new Fault('bridge-refused', 'that computer is not remembered');
      const next = toHex(await nextPairSecret(fromHex(peer.secret), fromHex(renewal)));
      try {
        await store.write(store.all().map((each) => (each.id === peer.id ? { ...each, next } : each)));
      } finally {
        listener?.refresh();
      }
    },
    async answer(request, replyText) {
      if (readCode(replyText, 'reply', rules) === undefined) throw new Fault('bridge-refused', 'that is not a reply');
      if (heardOf(listener?.peerOf(request)) === undefined) return;
      await listener?.answer(request, bytesOf(replyText, rules));
    },
    async close() {
      closed = true;
      refresh();
      for (const run of calls) run.close();
      await store.idle();
    },
  };
}

function readCode(text: string, kind: LinkCode['kind'], rules: LanRules): LinkCode | undefined {
  const read = decodeCode(text, rules);
  return read.ok && !read.foreign && read.code.kind === kind ? read.code : undefined;
}

function bytesOf(text: string, rules: LanRules): Uint8Array {
  const read = decodeCode(text, rules);
  return read.ok ? read.bytes : new Uint8Array();
}

/** A newcomer who calls itself like somebody in the list must not look like them. */
function distinctName(name: string, others: readonly StoredPeer[]): string {
  const taken = new Set(others.map((other) => foldName(other.name)));
  for (let count = 1; ; count += 1) {
    const tried = count === 1 ? name : `${name} (${count})`;
    if (!taken.has(foldName(tried))) return tried;
  }
}

function foldName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function addressesOf(code: LinkCode, rules: LanRules): string[] {
  return lanAddresses(code.candidates, rules)
    .filter(({ family }) => family === 4)
    .map(({ address }) => address);
}

/** Requests go there by themselves, on whatever network this computer is then: to private networks only, wherever a peer sent from. */
function keepAddresses(addresses: readonly string[], rules: LanRules): string[] {
  const own = ownAddresses();
  return [...new Set(addresses)]
    .filter((address) => isLanAddress(4, address, rules) && (rules.loopback === true || !own.has(address)))
    .slice(0, rememberedAddressesMax);
}
