// Two real engines joined by channels in memory, each with a disk in memory. Switches: capacity, loss of a lane,
// damage on the way, a full disk. Nothing here decides for the engine.

import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { EngineEvent } from '../../../engine/commands.ts';
import { type Engine, type EngineOptions, openEngine } from '../../../engine/engine.ts';
import type { ControlChannel, Disk, Lane, Sink, Source } from '../../../engine/ports.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { Fault, type FaultCode } from '../../../shared/model/fault.ts';
import { type Layout, layOut, totalsOf } from '../../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../../shared/model/manifest.ts';
import type { EntryFault, TransferView } from '../../../shared/model/transfer.ts';
import { blockBytes, laneBufferHighBytes } from '../../../shared/wire/limits.ts';
import { digestOf, entriesOf, type MemoryFile, planOf, readBlock } from './memory-files.ts';

export const realClock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** One direction pair of a channel; `post` is asynchronous like a network, in order. */
export class Wire<T> {
  peer: Wire<T> | undefined;
  isOpen = true;
  isCut = false;
  buffered = 0;
  onItem: (item: T) => void = () => undefined;
  onClosed: () => void = () => undefined;
  onDrained: () => void = () => undefined;
  alter: (item: T) => T = (item) => item;
  /** The other end does not read: what is posted waits, until it is read. */
  unread: (() => void)[] | undefined;

  read(): void {
    const waiting = this.unread ?? [];
    this.unread = undefined;
    for (const deliver of waiting) setImmediate(deliver);
  }

  post(item: T, size: number): void {
    this.buffered += size;
    const later = this.unread === undefined ? setImmediate : (deliver: () => void) => this.unread?.push(deliver);
    later(() => {
      this.buffered -= size;
      if (this.isCut) return;
      this.peer?.onItem(this.alter(item));
      if (this.buffered === 0) this.onDrained();
    });
  }

  close(): void {
    for (const end of [this, this.peer!]) {
      if (!end.isOpen) continue;
      end.isOpen = false;
      end.isCut = true;
      setImmediate(() => end.onClosed());
    }
  }
}

export function wirePair<T>(): [Wire<T>, Wire<T>] {
  const [a, b] = [new Wire<T>(), new Wire<T>()];
  a.peer = b;
  b.peer = a;
  return [a, b];
}

export function laneOver(wire: Wire<Uint8Array<ArrayBuffer> | string>): Lane {
  return {
    maxMessageBytes: 262_144,
    canSend: () => wire.isOpen && wire.buffered < laneBufferHighBytes,
    send: (message) => wire.post(message.slice(), message.byteLength),
    bufferedBytes: () => wire.buffered,
    onWritable: (listener) => {
      wire.onDrained = listener;
    },
    onMessage: (listener) => {
      wire.onItem = listener;
    },
    onClose: (listener) => {
      wire.onClosed = listener;
    },
    close: () => wire.close(),
  };
}

export function controlOver(wire: Wire<string | Uint8Array<ArrayBuffer>>): ControlChannel {
  const listeners = new Set<() => void>();
  wire.onDrained = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    isOpen: () => wire.isOpen,
    send: (text) => wire.post(text, text.length),
    bufferedBytes: () => wire.buffered,
    onWritable: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onOpen: () => undefined,
    onMessage: (listener) => {
      wire.onItem = listener;
    },
    onClose: (listener) => {
      wire.onClosed = listener;
    },
    close: () => wire.close(),
  };
}

type KeptReceive = {
  secret: string;
  entries: ManifestEntry[];
  blocks: Map<number, Uint8Array>;
  published?: { root: string; files: number; faults: readonly EntryFault[] };
};

export class MemoryDisk implements Disk {
  files: readonly MemoryFile[] = [];
  /** Empty ones that are sent, after the files. */
  folders: readonly (readonly string[])[] = [];
  readonly published = new Map<string, Uint8Array>();
  readonly history: string[] = [];
  readonly sends = new Map<string, string>();
  readonly receives = new Map<string, KeptReceive>();
  roomBlocks = Number.POSITIVE_INFINITY;
  /** The host has died: nothing more is written. */
  isGone = false;
  /** Nothing is written, and the room of it is not known. */
  isAway = false;
  written = 0;
  reads = 0;
  inFlight = 0;
  mostInFlight = 0;
  selection: Selection = 'all';
  /** As the host: what is published has the hash that the sender says. */
  checksRoot = false;
  /** Publishing takes until this is done. */
  publishing: Promise<void> = Promise.resolve();
  publishings = 0;
  /** Of what is thrown away. */
  inPlace = 0;
  /** What the receiver's host was told, each time. */
  readonly toldFaults: number[] = [];
  /** Publishing fails with it. */
  publishFault: FaultCode | undefined;
  /** Publishing goes well but for these. */
  publishFaults: readonly EntryFault[] = [];
  /** Taking up what is kept, on either side, takes until this is done. */
  reopening: Promise<void> = Promise.resolve();
  /** The sender's host keeps a choice once this is done. */
  choosing: Promise<void> = Promise.resolve();
  /** Draws small pictures of what is sent, by the index of the file. */
  thumbnail: Source['thumbnail'];
  /** Before a block is on disk; throws where it cannot be. */
  beforeWrite: () => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));
  beforeForget: () => Promise<void> = () => Promise.resolve();
  /** What the sender's host remembers of a choice, and of the blocks that were read. */
  readonly chosen = new Map<string, Selection>();
  readonly hashes = new Map<number, Uint8Array>();
  readonly roots = new Map<string, string>();

  source(transfer: string, from: Parameters<Disk['source']>[1]): Source {
    const folders = this.folders.map((path) => ({ kind: 'folder', path, mtimeMs: 0 }) as const);
    const entries = [...entriesOf(this.files, 10), ...folders];
    let layout: Layout = layOut(entries, 'all');
    const told = new Set<number>();
    const facts = { title: 'files', totals: totalsOf(entries, 'all') };
    return {
      open: async () => {
        if (from.is !== 'kept') this.sends.set(transfer, from.secret);
        return { ...facts, skipped: [], skippedCount: 0 };
      },
      reopen: async () => {
        await this.reopening;
        const selection = this.chosen.get(transfer);
        const kept = { id: transfer, secret: this.sends.get(transfer)!, peerName: 'peer', ...facts };
        const root = this.roots.get(transfer);
        return { ...kept, ...(selection === undefined ? {} : { selection }), ...(root === undefined ? {} : { root }) };
      },
      manifest: async (at) => ({
        entries: entries.slice(at, at + 1000),
        next: at + 1000 < entries.length ? at + 1000 : null,
      }),
      select: async (selection) => {
        // A host is asked over a bridge: what comes in the same breath comes before.
        await new Promise((resolve) => setTimeout(resolve, 5));
        await this.choosing;
        layout = layOut(entries, selection);
        told.clear();
        this.chosen.set(transfer, selection);
      },
      sendDirect: () => Promise.reject(new Error('there is no direct lane')),
      read: async (block) => {
        this.reads += 1;
        const { isWhole, ...read } = readBlock(this.files, layout, block, told);
        if (isWhole) this.hashes.set(block, read.hash);
        return read;
      },
      ...(this.thumbnail === undefined ? {} : { thumbnail: this.thumbnail }),
      digests: async (indexes) => indexes.map((index) => digestOf(this.files[index]!)),
      knownHashes: async (at, count) => {
        const known = new Uint8Array(count * 32);
        for (let nth = 0; nth < count; nth += 1) known.set(this.hashes.get(at + nth) ?? [], nth * 32);
        return known;
      },
      keepRoot: async (root) => void this.roots.set(transfer, root),
      close: async (keep) => {
        if (keep) return;
        await this.beforeForget();
        this.sends.delete(transfer);
      },
    };
  }

  sink(transfer: string): Sink {
    const faults = new Set<number>();
    const kept = () => this.receives.get(transfer)!;
    const layout = () => layOut(kept().entries, this.selection);
    const facts = () => ({ title: 'files', totals: totalsOf(kept().entries, 'all') });
    return {
      begin: async ({ secret }) => {
        const hasBlocks = (this.receives.get(transfer)?.blocks.size ?? 0) > 0;
        if (hasBlocks) throw new Fault('transfer-refused', 'known already');
        this.receives.set(transfer, { secret, entries: [], blocks: new Map() });
      },
      entries: async (entries) => void kept().entries.push(...(entries as ManifestEntry[])),
      plan: async () => planOf(kept().entries),
      candidates: async () => ({
        indexes: kept().entries.flatMap((entry, index) => (this.published.has(entry.path.join('/')) ? [index] : [])),
        next: null,
      }),
      compare: async (digests) => ({
        same: digests.flatMap(({ index, sha256 }) =>
          sha(this.published.get(kept().entries[index]!.path.join('/'))!) === sha256 ? [index] : [],
        ),
      }),
      start: async (leaveOut) => {
        if (leaveOut.length > 0)
          this.selection = kept().entries.flatMap((_, at) => (leaveOut.includes(at) ? [] : [[at, at + 1] as const]));
        const have = [...kept().blocks.keys()].map((block) => [block, block + 1] as const);
        const { files } = totalsOf(kept().entries, this.selection);
        return {
          selection: this.selection,
          totalBytes: layout().totalBytes,
          files,
          have: have.sort(([a], [b]) => a - b),
        };
      },
      write: async (block, parts, hash) => {
        const bytes = Buffer.concat(parts);
        this.inFlight += 1;
        this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
        await this.beforeWrite().finally(() => {
          this.inFlight -= 1;
        });
        if (this.isGone) throw new Fault('bridge-closed', 'the host is gone');
        if (this.isAway) throw new Fault('disk-gone', 'on purpose');
        if (kept().blocks.size >= this.roomBlocks) throw new Fault('disk-full', 'full');
        if (!createHash('sha256').update(bytes).digest().equals(hash)) throw new Fault('block-damaged', 'not its hash');
        this.written += 1;
        kept().blocks.set(block, bytes);
        return { filesDone: 0 };
      },
      fault: async (index) => {
        faults.add(index);
        this.toldFaults.push(index);
      },
      commit: async (root) => {
        this.publishings += 1;
        await this.publishing;
        if (this.publishFault !== undefined) throw new Fault(this.publishFault, 'on purpose');
        const all256 = createHash('sha256');
        for (let block = 0; block < layout().blocks; block += 1) {
          all256.update(createHash('sha256').update(kept().blocks.get(block)!).digest());
        }
        if (this.checksRoot && all256.digest('hex') !== root) throw new Fault('hash-mismatch', 'not what was sent');
        const chosen = totalsOf(kept().entries, this.selection).files;
        kept().published = { root, files: chosen, faults: this.publishFaults };
        const { files } = layout();
        const place = new Map(files.map((file) => [file.index, file.start]));
        const all = new Uint8Array(layout().totalBytes);
        for (const [block, bytes] of kept().blocks) all.set(bytes, block * blockBytes);
        kept().entries.forEach((entry, index) => {
          if (entry.kind !== 'file' || faults.has(index) || (entry.size > 0 && !place.has(index))) return;
          const start = place.get(index) ?? 0;
          this.published.set(entry.path.join('/'), all.slice(start, start + entry.size));
        });
        return { published: files.length, faults: this.publishFaults };
      },
      room: async () => {
        if (this.isAway) throw new Fault('disk-gone', 'on purpose');
        return { neededBytes: 100, freeBytes: this.roomBlocks === Number.POSITIVE_INFINITY ? 1000 : 7 };
      },
      reopen: async () => {
        await this.reopening;
        const { secret, published } = kept();
        const record = { id: transfer, secret, peerName: 'peer', selection: this.selection, manifestDigest: '' };
        return { ...record, ...facts(), ...(published === undefined ? {} : { published }) };
      },
      close: async (keep) => {
        if (keep) return { inPlace: 0 };
        await this.beforeForget();
        this.receives.delete(transfer);
        return { inPlace: this.inPlace };
      },
    };
  }

  claims: Disk['claims'] = async () => [
    ...[...this.sends].map(([id, secret]) => ({ id, secret, direction: 'send' as const })),
    ...[...this.receives].map(([id, { secret }]) => ({ id, secret, direction: 'receive' as const })),
  ];

  addHistory: Disk['addHistory'] = async ({ state, missing, missingFolders }) => {
    const without = [
      ...(missing === undefined ? [] : [missing]),
      ...(missingFolders ? [`${missingFolders} folders`] : []),
    ];
    this.history.push(without.length === 0 ? state : `${state} without ${without.join(' and ')}`);
  };
}

export class Side {
  readonly disk: MemoryDisk;
  readonly events: EngineEvent[] = [];
  readonly engine: Engine;
  autoAccept: 'keep-both' | 'skip' | undefined = 'keep-both';
  #waiting: { test: () => boolean; resolve: () => void }[] = [];
  readonly #listeners: ((event: EngineEvent) => void)[] = [];

  /** `port`: the same disk as the engine gets it, where somebody else looks on. */
  constructor(disk = new MemoryDisk(), options: EngineOptions & { readonly clock?: Clock } = {}, port: Disk = disk) {
    this.disk = disk;
    const emit = (event: EngineEvent) => {
      this.events.push(event);
      for (const listener of this.#listeners) listener(event);
      if (event.is === 'offer' && this.autoAccept !== undefined)
        this.engine.command({ do: 'accept', transfer: event.transfer, conflict: this.autoAccept });
      const ready = this.#waiting.filter(({ test }) => test());
      this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
      for (const { resolve } of ready) resolve();
    };
    this.engine = openEngine(port, options.clock ?? realClock, emit, options);
  }

  listen(listener: (event: EngineEvent) => void): void {
    this.#listeners.push(listener);
  }

  until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  of<K extends EngineEvent['is']>(kind: K): Extract<EngineEvent, { is: K }>[] {
    return this.events.filter((event): event is Extract<EngineEvent, { is: K }> => event.is === kind);
  }

  view(): TransferView | undefined {
    return this.of('transfer').at(-1)?.view;
  }

  reached(state: string): Promise<void> {
    return this.until(() => this.view()?.state === state);
  }
}

export type Pair = {
  readonly a: Side;
  readonly b: Side;
  readonly controls: [Wire<string | Uint8Array<ArrayBuffer>>, Wire<string | Uint8Array<ArrayBuffer>>];
  readonly lanes: [Wire<Uint8Array<ArrayBuffer> | string>, Wire<Uint8Array<ArrayBuffer> | string>][];
};

let nextConnection = 1;

export function linkTwo(lanes: number, sides: { a?: Side; b?: Side; fresh?: boolean } = {}): Pair {
  const a = sides.a ?? new Side();
  const b = sides.b ?? new Side();
  const controls = wirePair<string | Uint8Array<ArrayBuffer>>();
  const first = nextConnection;
  nextConnection += lanes;
  const wires = Array.from({ length: lanes }, () => wirePair<Uint8Array<ArrayBuffer> | string>());
  for (const [side, end] of [
    [a, 0],
    [b, 1],
  ] as const) {
    side.engine.addControl(first, controlOver(controls[end]));
    side.engine.addLane(first, laneOver(wires[0]![end]));
    const fresh = sides.fresh ?? true;
    side.engine.command({
      do: 'adopt',
      connection: first,
      maxMessageBytes: 262_144,
      binding: new Uint8Array(32),
      fresh,
    });
    for (let at = 1; at < lanes; at += 1) {
      side.engine.addLane(first + at, laneOver(wires[at]![end]));
      side.engine.command({ do: 'lane', connection: first + at, maxMessageBytes: 262_144 });
    }
    side.engine.command({ do: 'authorize', peerName: 'peer', checked: true });
  }
  return { a, b, controls, lanes: wires };
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A file of random bytes. */
export function fileOf(name: string, size: number): MemoryFile {
  return { path: ['top', name], bytes: new Uint8Array(randomBytes(size)) };
}

/** From a to b, once both have said hello. */
export async function sendFiles({ a }: Pick<Pair, 'a'>, files: readonly MemoryFile[]): Promise<void> {
  a.disk.files = files;
  await a.until(() => a.of('peer-name').length > 0);
  a.engine.command({ do: 'send-items', items: ['x'] });
}

/** Everything is published at b as it was at a, and nobody broke a rule. */
export function expectArrived({ a, b }: Pick<Pair, 'a' | 'b'>, files: readonly MemoryFile[]): void {
  for (const { path, bytes } of files) {
    if (bytes !== 'missing') expect(Buffer.compare(b.disk.published.get(path.join('/'))!, bytes)).toBe(0);
  }
  expect([...a.of('violation'), ...b.of('violation')]).toEqual([]);
}

export function bytesDoneAt(side: Side): number {
  return side.of('progress').at(-1)?.transfers.at(-1)?.bytesDone ?? 0;
}
