// Two hosts that carry a direct lane, in memory: what one sends the other stores, until somebody kills the lane. They read and
// write through the same disks as the engines.

import type { DirectArrival, DirectHost, DirectSent, Disk, Sink, Source } from '../../../engine/ports.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { toFaultView } from '../../../shared/model/fault.ts';
import { linkTwo, MemoryDisk, type Pair, realClock, Side } from './engine-pair.ts';

type LaneListener = Parameters<DirectHost['onLane']>[0];
type BlockedListener = Parameters<DirectHost['onBlocked']>[0];
type BlockListener = Parameters<DirectHost['onBlock']>[0];

export class MemoryHost implements DirectHost {
  peer: MemoryHost | undefined;
  isOn = true;
  isUp = false;
  /** What is sent leaves, and nothing of it arrives. */
  isBlackHole = false;
  /** Nobody hears how it went with a block before: a host answers for several at once. */
  answers: Promise<void> = Promise.resolve();
  met = 0;
  carried = 0;
  /** What becomes of a block's bytes on the way here. */
  alter: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (bytes) => bytes;
  readonly addresses: string[] = [];
  readonly #sinks = new Map<string, Sink>();
  readonly #expected = new Map<number, string>();
  block: BlockedListener = () => undefined;
  #onLane: LaneListener = () => undefined;
  #onBlock: BlockListener = () => undefined;
  /** Of blocks on the way only those sent since the lane came up arrive. */
  #generation = 0;

  /** The disk as this host's engine gets it: the host sees every source and sink. */
  watch(disk: MemoryDisk): Disk {
    return {
      source: (transfer, from) => {
        const source = disk.source(transfer, from);
        return { ...source, sendDirect: (attempt, block) => this.#send(source, attempt, block) };
      },
      sink: (transfer) => {
        const sink = disk.sink(transfer);
        this.#sinks.set(transfer, sink);
        return sink;
      },
      claims: disk.claims,
      addHistory: disk.addHistory,
    };
  }

  listen = async () => (this.isOn ? { fingerprint: 'ab'.repeat(32), port: 40_000 } : null);

  meet: DirectHost['meet'] = async ({ address }) => {
    if (address !== undefined) this.addresses.push(address);
    this.met += 1;
    const { peer } = this;
    if (peer === undefined || this.isUp || peer.met === 0) return;
    for (const host of [this, peer]) host.#changed('up');
  };

  expect = async (transfer: string, attempt: number) => void this.#expected.set(attempt, transfer);

  async #send(source: Source, attempt: number, block: number): Promise<DirectSent> {
    if (!this.isUp) return { isSent: false, hash: undefined, faults: [] };
    const { bytes, hash, faults } = await source.read(block);
    const generation = this.#generation;
    await new Promise((resolve) => setImmediate(resolve));
    const isSent = this.isUp && generation === this.#generation;
    if (isSent && !this.isBlackHole) void this.peer?.store({ attempt, block, hash }, bytes.slice());
    await this.answers;
    return { isSent, hash, faults };
  }

  drop = async () => this.kill();

  close = async () => this.kill();

  onLane(listener: LaneListener): void {
    this.#onLane = listener;
  }

  onBlocked(listener: BlockedListener): void {
    this.block = listener;
  }

  onBlock(listener: BlockListener): void {
    this.#onBlock = listener;
  }

  kill(): void {
    for (const host of [this, this.peer]) if (host?.isUp) host.#changed('down');
  }

  refuse(): void {
    this.#onLane('refused');
  }

  comeUp(): void {
    this.#changed('up');
  }

  async store(at: Omit<DirectArrival, 'outcome'>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const generation = this.#generation;
    const transfer = this.#expected.get(at.attempt);
    await new Promise((resolve) => setImmediate(resolve));
    if (generation !== this.#generation) return;
    this.#onBlock({
      ...at,
      outcome: transfer === undefined ? { is: 'unexpected' } : await this.#write(transfer, at, this.alter(bytes)),
    });
  }

  async #write(
    transfer: string,
    { block, hash }: Omit<DirectArrival, 'outcome'>,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<DirectArrival['outcome']> {
    try {
      this.carried += 1;
      return { is: 'stored', ...(await this.#sinks.get(transfer)!.write(block, [bytes], hash)) };
    } catch (error) {
      return { is: 'fault', code: toFaultView(error).code };
    }
  }

  #changed(at: 'up' | 'down'): void {
    this.isUp = at === 'up';
    this.#generation += 1;
    this.#onLane(at);
  }
}

export function joinHosts(a: MemoryHost, b: MemoryHost): void {
  a.peer = b;
  b.peer = a;
}

export type DirectPair = Pair & { readonly hosts: readonly [MemoryHost, MemoryHost] };

export type DirectLinkOptions = {
  readonly canMeet?: boolean;
  readonly olderPeer?: boolean;
  readonly disks?: readonly [MemoryDisk, MemoryDisk];
  /** Of the other side, as each of the two links knows it. */
  readonly addresses?: readonly [string, string];
  /** Of the side that sends. */
  readonly clock?: Clock;
};

export function linkOverDirectLane(options: DirectLinkOptions = {}): DirectPair {
  const {
    canMeet = true,
    olderPeer = false,
    clock = realClock,
    disks = [new MemoryDisk(), new MemoryDisk()],
  } = options;
  const hosts = [new MemoryHost(), new MemoryHost()] as const;
  if (canMeet) joinHosts(hosts[0], hosts[1]);
  const a = new Side(disks[0], { direct: hosts[0], clock }, hosts[0].watch(disks[0]));
  const b = olderPeer ? new Side(disks[1]) : new Side(disks[1], { direct: hosts[1] }, hosts[1].watch(disks[1]));
  const pair = linkTwo(1, { a, b });
  const { addresses = ['192.168.1.7', '192.168.1.7'] } = options;
  for (const [at, { engine }] of [a, b].entries()) engine.command({ do: 'peer-address', address: addresses[at]! });
  return { ...pair, hosts };
}

/** Both engines know that the hosts met. */
export async function directLaneUp({ a, b }: Pick<Pair, 'a' | 'b'>): Promise<void> {
  await Promise.all([a, b].map((side) => side.until(() => side.of('direct-lane').at(-1)?.isUp === true)));
}
