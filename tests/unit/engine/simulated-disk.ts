// A computer's disk as the host keeps it, in memory and at the pace of the weather: what is live, what outlives the page,
// what is in place. It refuses what the host refuses, and counts how often a transfer was published.

import { createHash } from 'node:crypto';
import type { Disk, Sink, Source } from '../../../engine/ports.ts';
import { Fault, type FaultCode } from '../../../shared/model/fault.ts';
import { type Layout, layOut, toRanges, totalsOf } from '../../../shared/model/layout.ts';
import type { ManifestEntry, Selection } from '../../../shared/model/manifest.ts';
import { blockBytes } from '../../../shared/wire/limits.ts';
import { digestOf, entriesOf, type FaultAt, type MemoryFile, planOf, readBlock } from './memory-files.ts';
import type { Weather } from './simulated-time.ts';

type KeptSend = {
  readonly secret: string;
  readonly files: readonly MemoryFile[];
  selection: Selection | undefined;
  root: string | undefined;
  hashes: Map<number, Uint8Array>;
};
type KeptReceive = {
  readonly secret: string;
  readonly entries: ManifestEntry[];
  readonly selection: Selection;
  readonly blocks: Map<number, { readonly bytes: Uint8Array; readonly hash: Uint8Array }>;
  failed: readonly FaultAt[];
  published: { readonly root: string; readonly files: number; readonly faults: readonly FaultAt[] } | undefined;
};
type LiveReceive = { readonly kept: KeptReceive; readonly layout: Layout; committing: Promise<unknown> };
type LiveSend = { layout: Layout | undefined; told: Set<number> };

export class RoughDisk {
  readonly weather: Weather;
  /** Put down by a person, by the name of the item. */
  readonly items = new Map<string, readonly MemoryFile[]>();
  readonly sends = new Map<string, KeptSend>();
  readonly receives = new Map<string, KeptReceive>();
  readonly published = new Map<string, ReadonlyMap<string, Uint8Array>>();
  readonly publishedTwice: string[] = [];
  readonly history: string[] = [];
  isFull = false;
  writesSlowly = false;
  #offers = new Map<string, { secret: string; entries: ManifestEntry[] }>();
  #reopened = new Map<string, KeptReceive>();
  #live = new Map<string, LiveReceive>();
  #sending = new Map<string, LiveSend>();
  readonly #committing = new Map<string, Promise<unknown>>();
  #arrives = 0;
  #boots = 0;

  constructor(weather: Weather) {
    this.weather = weather;
  }

  /** The page went away; with the whole app, what was under way at the host stops too. */
  park(app: 'goes-on' | 'dies'): void {
    if (app === 'dies') this.#boots += 1;
    if (app === 'dies') this.#committing.clear();
    this.#offers = new Map();
    this.#reopened = new Map();
    this.#live = new Map();
    this.#sending = new Map();
  }

  disk(isAlive: () => boolean): Disk {
    const call = <T>(task: () => T | Promise<T>): Promise<T> => this.#call(isAlive, task);
    return {
      source: (transfer, from) => this.#source(transfer, from, call),
      sink: (transfer) => this.#sink(transfer, call),
      claims: () =>
        call(() => [
          ...[...this.sends].map(([id, { secret }]) => ({ id, secret, direction: 'send' as const })),
          ...[...this.receives].map(([id, { secret }]) => ({ id, secret, direction: 'receive' as const })),
        ]),
      addHistory: ({ transfer, state }) => call(() => void this.history.push(`${transfer} ${state}`)),
    };
  }

  /** Requests come to the host in order; answers take as long as they take. A page that died hears none. */
  async #call<T>(isAlive: () => boolean, task: () => T | Promise<T>): Promise<T> {
    const never = new Promise<never>(() => undefined);
    if (!isAlive()) return never;
    const { weather } = this;
    this.#arrives = Math.max(this.#arrives, weather.now) + weather.between(0, 0.5);
    await weather.wait(this.#arrives - weather.now);
    if (!isAlive()) return never;
    const answer = await Promise.allSettled([(async () => task())()]);
    await weather.wait(weather.between(0, 1));
    if (!isAlive()) return never;
    if (answer[0].status === 'rejected') throw answer[0].reason;
    return answer[0].value;
  }

  /** Part of what the host does; it never comes back where the app died meanwhile. */
  async #work(ms: number): Promise<void> {
    const boot = this.#boots;
    await this.weather.wait(this.weather.chance(0.1) ? ms * 20 : this.weather.between(0, ms));
    if (boot !== this.#boots) await new Promise<never>(() => undefined);
  }

  #source(transfer: string, from: Parameters<Disk['source']>[1], call: Caller): Source {
    const kept = () => this.sends.get(transfer) ?? raise('transfer-unknown');
    const live = () => this.#sending.get(transfer) ?? raise('transfer-unknown');
    const facts = () => ({ title: 'files', totals: totalsOf(entriesOf(kept().files), 'all') });
    const choose = (selection: Selection) => {
      if (JSON.stringify(selection) !== JSON.stringify(kept().selection)) kept().root = undefined;
      kept().selection = selection;
      this.#sending.set(transfer, { layout: layOut(entriesOf(kept().files), selection), told: new Set() });
    };
    return {
      open: () =>
        call(async () => {
          if (from.is !== 'items') throw new Fault('internal', 'reopened, not opened');
          const files = this.items.get(from.items[0]!)!;
          await this.#work(3);
          this.sends.set(transfer, {
            secret: from.secret,
            files,
            selection: undefined,
            root: undefined,
            hashes: new Map(),
          });
          this.#sending.set(transfer, { layout: undefined, told: new Set() });
          return { ...facts(), skipped: [], skippedCount: 0 };
        }),
      reopen: () =>
        call(async () => {
          const { secret, selection, root } = kept();
          await this.#work(1);
          if (!this.#sending.has(transfer)) {
            this.#sending.set(transfer, { layout: undefined, told: new Set() });
            if (selection !== undefined) choose(selection);
          }
          const answer = { id: transfer, secret, peerName: 'p', ...facts() };
          if (selection === undefined) return answer;
          return { ...answer, selection, ...(root === undefined ? {} : { root }) };
        }),
      manifest: (at) =>
        call(() => {
          live();
          const entries = entriesOf(kept().files).slice(at, at + 2);
          return { entries, next: at + 2 < kept().files.length ? at + 2 : null };
        }),
      select: (selection) =>
        call(async () => {
          live();
          await this.#work(1);
          live();
          choose(selection as Selection);
        }),
      sendDirect: () => Promise.reject(new Error('there is no direct lane')),
      read: (block) =>
        call(async () => {
          const { layout, told } = live();
          if (layout === undefined || block >= layout.blocks) throw new Fault('transfer-refused', 'not a block');
          await this.#work(1);
          const read = readBlock(kept().files, layout, block, told);
          if (read.isWhole) kept().hashes.set(block, read.hash);
          return read;
        }),
      digests: (indexes) => call(() => indexes.map((index) => digestOf(kept().files[index]!))),
      knownHashes: (at, count) =>
        call(() => {
          live();
          const known = new Uint8Array(count * 32);
          for (let nth = 0; nth < count; nth += 1) known.set(kept().hashes.get(at + nth) ?? [], nth * 32);
          return known;
        }),
      keepRoot: (root) =>
        call(async () => {
          live();
          await this.#work(2);
          kept().root = root;
        }),
      close: (keep) =>
        call(() => {
          this.#sending.delete(transfer);
          if (!keep) this.sends.delete(transfer);
        }),
    };
  }

  #sink(transfer: string, call: Caller): Sink {
    const offer = () => this.#offers.get(transfer) ?? raise('transfer-unknown');
    const live = () => this.#live.get(transfer) ?? raise('transfer-unknown');
    return {
      begin: ({ secret }) =>
        call(() => {
          if (this.#live.has(transfer) || this.receives.has(transfer)) throw new Fault('transfer-refused', 'known');
          this.#offers.set(transfer, { secret, entries: [] });
        }),
      entries: (entries) => call(() => void offer().entries.push(...(entries as ManifestEntry[]))),
      plan: () => call(() => planOf(offer().entries)),
      candidates: () => call(() => ({ indexes: offer().entries.map((_, index) => index), next: null })),
      compare: (digests) =>
        call(() => ({ same: digests.filter(() => this.weather.chance(0.5)).map(({ index }) => index) })),
      start: (leaveOut) =>
        call(async () => {
          const kept = this.#reopened.get(transfer);
          this.#reopened.delete(transfer);
          const known = this.#live.get(transfer);
          await this.#work(2);
          const { kept: record, layout } = known ?? this.#openLive(transfer, kept ?? this.#granted(transfer, leaveOut));
          const have = toRanges([...record.blocks.keys()].sort((a, b) => a - b)).map(([a, b]) => [a, b] as const);
          const { files } = totalsOf(record.entries, record.selection);
          return { selection: record.selection, totalBytes: layout.totalBytes, files, have };
        }),
      write: (block, parts, hash) =>
        call(async () => {
          const { kept } = live();
          if (this.isFull) throw new Fault('disk-full', 'full');
          const [copy, proof] = [Uint8Array.from(Buffer.concat(parts)), hash.slice()];
          if (!createHash('sha256').update(copy).digest().equals(proof))
            throw new Fault('block-damaged', 'not its hash');
          await this.#work(this.writesSlowly ? 200 : 2);
          if (this.isFull) throw new Fault('disk-full', 'full');
          if (this.#live.get(transfer)?.kept !== kept && this.weather.chance(0.5))
            throw new Fault('disk-error', 'shut');
          if (kept.published === undefined) kept.blocks.set(block, { bytes: copy, hash: proof });
          return { filesDone: 0 };
        }),
      fault: (index, code) =>
        call(() => {
          const { kept } = live();
          kept.failed = [...kept.failed, { index, code: code as FaultCode }];
        }),
      commit: (root) => call(() => this.#commit(transfer, live(), root)),
      room: () => call(() => ({ neededBytes: 100, freeBytes: this.isFull ? 7 : 1000 })),
      reopen: () =>
        call(async () => {
          await this.#committing.get(transfer)?.catch(() => undefined);
          const kept = this.receives.get(transfer) ?? raise('transfer-unknown');
          this.#reopened.set(transfer, kept);
          const { secret, selection } = kept;
          const facts = { title: 'files', totals: totalsOf(kept.entries, 'all'), selection, manifestDigest: '' };
          const published = kept.published === undefined ? {} : { published: kept.published };
          return { id: transfer, secret, peerName: 'p', ...facts, ...published };
        }),
      close: (keep) =>
        call(() => {
          this.#offers.delete(transfer);
          this.#reopened.delete(transfer);
          this.#live.delete(transfer);
          if (!keep) this.receives.delete(transfer);
          return { inPlace: 0 };
        }),
    };
  }

  #granted(transfer: string, leaveOut: readonly number[]): KeptReceive {
    const { secret, entries } = this.#offers.get(transfer) ?? raise('transfer-unknown');
    const isTicked = entries.map((_, at) => !leaveOut.includes(at) && !this.weather.chance(0.1));
    const selection: Selection = isTicked.every(Boolean)
      ? 'all'
      : isTicked.flatMap((ticked, at) => (ticked ? [[at, at + 1] as const] : []));
    const kept = { secret, entries, selection, blocks: new Map(), failed: [], published: undefined };
    this.#offers.delete(transfer);
    this.receives.set(transfer, kept);
    return kept;
  }

  #openLive(transfer: string, kept: KeptReceive): LiveReceive {
    const live = { kept, layout: layOut(kept.entries, kept.selection), committing: Promise.resolve() };
    this.#live.set(transfer, live);
    return live;
  }

  /** As the host: asked twice of one that is live, it publishes once. */
  #commit(transfer: string, live: LiveReceive, root: string): Promise<{ published: number; faults: FaultAt[] }> {
    const committing = live.committing
      .catch(() => undefined)
      .then(async () => {
        const { kept, layout } = live;
        if (kept.published !== undefined) {
          if (kept.published.root !== root) throw new Fault('hash-mismatch', 'another one');
          return { published: 1, faults: [...kept.failed] };
        }
        if (kept.blocks.size !== layout.blocks) throw new Fault('hash-mismatch', 'missing');
        const all = createHash('sha256');
        for (let block = 0; block < layout.blocks; block += 1) all.update(kept.blocks.get(block)!.hash);
        if (all.digest('hex') !== root) throw new Fault('hash-mismatch', 'differs');
        if (this.isFull) throw new Fault('disk-full', 'full');
        await this.#work(30);
        if (this.published.has(transfer)) this.publishedTwice.push(transfer);
        this.published.set(transfer, filesOf(kept, layout));
        kept.published = { root, files: totalsOf(kept.entries, kept.selection).files, faults: kept.failed };
        this.receives.set(transfer, kept);
        this.#live.set(transfer, live);
        return { published: 1, faults: [...kept.failed] };
      });
    live.committing = committing;
    this.#committing.set(transfer, committing);
    return committing;
  }
}

type Caller = <T>(task: () => T | Promise<T>) => Promise<T>;

function raise(code: FaultCode): never {
  throw new Fault(code, code);
}

function filesOf({ blocks, entries, failed }: KeptReceive, layout: Layout): ReadonlyMap<string, Uint8Array> {
  const all = new Uint8Array(layout.totalBytes);
  for (const [block, { bytes }] of blocks) all.set(bytes, block * blockBytes);
  const files = new Map<string, Uint8Array>();
  for (const { index, start, size } of layout.files) {
    if (failed.every((one) => one.index !== index))
      files.set(entries[index]!.path.join('/'), all.slice(start, start + size));
  }
  return files;
}
