// Two hosts that carry a direct lane, in memory: what one sends the other stores, until somebody kills the lane. They read and
// write through the same disks as the engines.

import type { DirectArrival, DirectHost, Disk, Sink, Source } from '../../../engine/ports.ts';
import { toFaultView } from '../../../shared/model/fault.ts';
import type { MemoryDisk } from './engine-pair.ts';

type LaneListener = Parameters<DirectHost['onLane']>[0];
type BlockListener = Parameters<DirectHost['onBlock']>[0];

export class MemoryHost implements DirectHost {
  peer: MemoryHost | undefined;
  isOn = true;
  isUp = false;
  /** What is sent leaves, and nothing of it arrives. */
  isBlackHole = false;
  met = 0;
  carried = 0;
  readonly addresses: string[] = [];
  readonly #sources = new Map<string, Source>();
  readonly #sinks = new Map<string, Sink>();
  readonly #expected = new Map<number, string>();
  #onLane: LaneListener = () => undefined;
  #onBlock: BlockListener = () => undefined;
  /** Of blocks on the way only those sent since the lane came up arrive. */
  #generation = 0;

  /** The disk as this host's engine gets it: the host sees every source and sink. */
  watch(disk: MemoryDisk): Disk {
    return {
      source: (transfer, from) => {
        const source = disk.source(transfer, from);
        this.#sources.set(transfer, source);
        return source;
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
    this.addresses.push(address);
    this.met += 1;
    const { peer } = this;
    if (peer === undefined || this.isUp || peer.met === 0) return;
    for (const host of [this, peer]) host.#changed('up');
  };

  expect = async (transfer: string, attempt: number) => void this.#expected.set(attempt, transfer);

  send: DirectHost['send'] = async (transfer, attempt, block) => {
    const { bytes, hash, faults } = await this.#sources.get(transfer)!.read(block);
    const generation = this.#generation;
    await new Promise((resolve) => setImmediate(resolve));
    const isSent = this.isUp && generation === this.#generation;
    if (isSent && !this.isBlackHole) void this.peer?.store({ attempt, block, hash }, bytes.slice());
    return { isSent, hash, faults };
  };

  drop = async () => this.kill();

  close = async () => this.kill();

  onLane(listener: LaneListener): void {
    this.#onLane = listener;
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

  async store(at: Omit<DirectArrival, 'outcome'>, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const generation = this.#generation;
    const transfer = this.#expected.get(at.attempt);
    await new Promise((resolve) => setImmediate(resolve));
    if (generation !== this.#generation) return;
    this.#onBlock({
      ...at,
      outcome: transfer === undefined ? { is: 'unexpected' } : await this.#write(transfer, at, bytes),
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
