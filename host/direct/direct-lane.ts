// The host's side of the direct lane of one page session: the engine says which block goes and whose blocks may come; this reads,
// sends, proves and stores them. A block that comes this way passes exactly the checks of one that came through the page.

import { isDialable } from '../../shared/code/address.ts';
import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls, EngineEvents } from '../../shared/ipc/contract.ts';
import { hashBytes, join } from '../../shared/model/bytes.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault, type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import {
  directAttemptsMax,
  directBlocksPerCall,
  directLateMaxBytes,
  directReadsAtOnce,
  directReportMs,
  directSmallBytes,
} from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import type { EventListener } from '../event-listeners.ts';
import type { OutsidePorts } from '../router/outside-ports.ts';
import { makeLaneCertificate } from './certificate.ts';
import { type DirectMeeting, openMeeting } from './direct-meeting.ts';
import type { DirectStream } from './direct-stream.ts';
import type { DirectBlock } from './frame-reader.ts';

type ReadBlock = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
};

type ReadBlockAt = (block: number) => Promise<ReadBlock>;

/** The halves of the host that know files. What is read and written lies in the memory of blocks. */
export type BlockStore = {
  /** For the attempt that is under way now, and no later one. */
  reads(transfer: string): ReadBlockAt;
  write(
    transfer: string,
    block: {
      readonly block: number;
      readonly parts: readonly Uint8Array<ArrayBuffer>[];
      readonly hash: Uint8Array<ArrayBuffer>;
    },
  ): Promise<{ readonly filesDone: number; readonly wasHeld: boolean }>;
};

export type DirectLaneOptions = {
  readonly blocks: BlockStore;
  readonly clock: Clock;
  readonly memory: BlockMemory;
  /** The person's switch. */
  readonly isOn: () => boolean;
  /** Lets the other host in from outside, where the router does. */
  readonly outside: OutsidePorts;
  readonly emit: EventListener<EngineEvents>;
};

type Arrival = EngineEvents['direct-blocks']['blocks'][number] & { readonly hash: Uint8Array };

type DirectCall = Extract<keyof EngineCalls, `direct.${string}`>;

export interface DirectLane {
  readonly handlers: Pick<Handlers<EngineCalls>, DirectCall>;
  /** The link ended, the page is gone, or the person turned it off. */
  close(): Promise<void>;
}

/** Of a transfer that is over, or has no such block: its write never began. */
const uselessFaults: ReadonlySet<FaultCode> = new Set(['transfer-unknown', 'transfer-refused']);
/** Stands for that of a block that was not read. */
const noHash = new Uint8Array(hashBytes);
const gone = { hash: noHash, outcome: { is: 'gone' as const } };
const ignore = () => undefined;

export function openDirectLane({ blocks, clock, memory, isOn, outside, emit }: DirectLaneOptions): DirectLane {
  let opening: Promise<{ meeting: DirectMeeting; fingerprint: string } | undefined> | undefined;
  let lane: DirectStream | undefined;
  /** Over all lanes of this link. */
  let lateBytes = 0;
  let storing = 0;
  let unreported: Arrival[] = [];
  let cancelReport: (() => void) | undefined;
  const transferOf = new Map<number, string>();
  /** By attempt, of the last blocks that were asked for: that it and all before it are read and sent. */
  const over = new Map<number, Promise<void>[]>();
  /** Those that wait for their turn on the lane that there is. */
  const waiting = new Set<() => void>();

  async function open(): Promise<{ meeting: DirectMeeting; fingerprint: string } | undefined> {
    lateBytes = 0;
    const certificate = await makeLaneCertificate(clock.wallClockMs());
    const opened = await openMeeting(
      { certificate, after: clock.after, memory },
      {
        lane(stream) {
          lane = stream;
          emit('direct-lane', { at: 'up' });
        },
        block: (arrived) => store(arrived),
        blocked: (at) => emit('direct-blocked', { at }),
        lost(refused) {
          lane = undefined;
          for (const goOn of waiting) goOn();
          reportAll();
          emit('direct-lane', refused === undefined ? { at: 'down' } : { at: 'refused' });
        },
      },
    );
    outside.open(opened.port);
    return { meeting: opened, fingerprint: certificate.fingerprint };
  }

  async function store(arrived: DirectBlock): Promise<void> {
    storing += 1;
    await storeOne(arrived);
    storing -= 1;
    // Nothing follows that it could wait for.
    if (storing === 0 && lane?.isInBlock !== true) reportAll();
  }

  async function storeOne({ attempt, block, hash, bytes }: DirectBlock): Promise<void> {
    const transfer = transferOf.get(attempt);
    if (transfer === undefined) {
      report({ attempt, block, hash, outcome: { is: 'unexpected' } });
      countLate(bytes);
      return;
    }
    try {
      const { filesDone, wasHeld } = await blocks.write(transfer, { block, parts: [bytes], hash });
      report({ attempt, block, hash, outcome: { is: 'stored', filesDone } });
      if (wasHeld) countLate(bytes);
      else countStored(bytes);
    } catch (error) {
      const { code } = toFaultView(error);
      report({ attempt, block, hash, outcome: { is: 'fault', code } });
      // Of one that failed otherwise the system may still look at them.
      if (uselessFaults.has(code)) countLate(bytes);
    }
  }

  /** The page is told of it, and nothing of it is kept. */
  function countLate(bytes: Uint8Array<ArrayBuffer>): void {
    lateBytes += Math.max(bytes.byteLength, directSmallBytes);
    memory.giveBack(bytes);
    if (lateBytes > directLateMaxBytes) lane?.close();
  }

  /** Whoever makes progress may be late with as much: each transfer that is called off leaves some, and so does each lane that dies. */
  function countStored(bytes: Uint8Array<ArrayBuffer>): void {
    lateBytes = Math.max(0, lateBytes - bytes.byteLength);
    memory.giveBack(bytes);
  }

  function report(arrival: Arrival): void {
    unreported.push(arrival);
    if (unreported.length >= directBlocksPerCall) reportAll();
    else if (unreported.length === 1) cancelReport = clock.after(directReportMs, reportAll);
  }

  function reportAll(): void {
    cancelReport?.();
    const arrivals = unreported;
    unreported = [];
    if (arrivals.length === 0) return;
    const hashes = join(arrivals.map(({ hash }) => hash));
    emit('direct-blocks', { hashes, blocks: arrivals.map(({ hash: _, ...arrival }) => arrival) });
  }

  /**
   * Blocks of an attempt are read in the order in which they were asked for, and only a few are in memory, however many that were: one begins
   * when all before it are over but the last few. So none is so far from the others that what was read ahead for it is given up, and
   * reads that hang keep no other transfer back. No block waits for longer than its lane is there.
   */
  function inTurn<T>(attempt: number, work: () => Promise<T>): Promise<T> {
    const last = over.get(attempt) ?? [];
    over.set(attempt, last);
    const { promise: turn, resolve: goOn } = Promise.withResolvers<void>();
    const before = last.length < directReadsAtOnce ? Promise.resolve() : last.shift()!;
    waiting.add(goOn);
    void before.then(goOn);
    const working = turn.then(() => {
      waiting.delete(goOn);
      return work();
    });
    const isOver = Promise.all([last.at(-1), working]).then(ignore, ignore);
    last.push(isOver);
    void isOver.then(() => {
      if (last.at(-1) === isOver) over.delete(attempt);
    });
    return working;
  }

  /** `to`: the lane that there was when it was asked for. Another one may lead to another computer by the time it is read. */
  async function sendBlock(
    to: DirectStream,
    read: ReadBlockAt,
    at: { readonly attempt: number; readonly block: number },
  ) {
    if (to.isClosed) return gone;
    try {
      const { bytes, hash, faults } = await read(at.block);
      const isSent = await to.send(at, bytes, hash);
      return { hash, outcome: { is: 'read' as const, isSent, faults } };
    } catch (error) {
      return { hash: noHash, outcome: { is: 'fault' as const, fault: toFaultView(error) } };
    }
  }

  async function close(): Promise<void> {
    reportAll();
    const closing = opening;
    opening = undefined;
    transferOf.clear();
    const closed = await closing;
    if (closed === undefined) return;
    closed.meeting.close();
    outside.shut(closed.meeting.port);
  }

  return {
    handlers: {
      'direct.listen': async () => {
        if (!isOn()) return null;
        opening ??= open().catch(() => undefined);
        const mine = opening;
        const opened = await mine;
        // Whoever asks again may get what the system had not then.
        if (opened === undefined && opening === mine) opening = undefined;
        return opened === undefined ? null : { fingerprint: opened.fingerprint, port: opened.meeting.port };
      },
      'direct.meet': async (peer) => {
        const { address } = peer;
        if (address !== undefined && !isDialable(address)) {
          throw new Fault('bridge-refused', 'not the address of another computer');
        }
        (await opening)?.meeting.meet(peer);
      },
      'direct.expect': ({ transfer, attempt }) => {
        for (const [id, of] of transferOf) if (of === transfer) transferOf.delete(id);
        transferOf.set(attempt, transfer);
        const oldest = transferOf.keys().next().value;
        if (transferOf.size > directAttemptsMax && oldest !== undefined) transferOf.delete(oldest);
      },
      'direct.send': async ({ transfer, attempt, blocks: wanted }) => {
        const to = lane;
        const read = blocks.reads(transfer);
        const sending = wanted.map((block) =>
          to === undefined ? gone : inTurn(attempt, () => sendBlock(to, read, { attempt, block })),
        );
        const sent = await Promise.all(sending);
        return { hashes: join(sent.map(({ hash }) => hash)), outcomes: sent.map(({ outcome }) => outcome) };
      },
      'direct.sendBytes': async ({ attempt, block, bytes, hash }) => ({
        isSent: (await lane?.send({ attempt, block }, bytes, hash)) ?? false,
      }),
      'direct.drop': () => lane?.close(),
      'direct.close': close,
    },
    close,
  };
}
