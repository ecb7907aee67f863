// The host's side of the direct lane of one page session: the engine says which block goes and whose blocks may come; this reads,
// sends, proves and stores them. A block that comes this way passes exactly the checks of one that came through the page.

import { isDialable } from '../../shared/code/address.ts';
import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls, EngineEvents } from '../../shared/ipc/contract.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { Fault, type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import {
  directAttemptsMax,
  directBlocksPerCall,
  directReportMs,
  lateFramesMaxBytes,
} from '../../shared/wire/limits.ts';
import type { OutsidePorts } from '../router/outside-ports.ts';
import { makeLaneCertificate } from './certificate.ts';
import { type DirectMeeting, openMeeting } from './direct-meeting.ts';
import type { DirectBlock, DirectStream } from './direct-stream.ts';

type ReadBlock = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
  readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
};

/** The halves of the host that know files. */
export type BlockStore = {
  read(transfer: string, block: number): Promise<ReadBlock>;
  write(
    transfer: string,
    block: {
      readonly block: number;
      readonly parts: Uint8Array<ArrayBuffer>[];
      readonly hash: Uint8Array<ArrayBuffer>;
    },
  ): Promise<{ readonly filesDone: number }>;
};

export type DirectLaneOptions = {
  readonly blocks: BlockStore;
  readonly clock: Clock;
  /** The person's switch. */
  readonly isOn: () => boolean;
  /** Lets the other host in from outside, where the router does. */
  readonly outside: OutsidePorts;
  readonly emit: <K extends keyof EngineEvents & string>(name: K, payload: EngineEvents[K]) => void;
};

type DirectCall = Extract<keyof EngineCalls, `direct.${string}`>;

export interface DirectLane {
  readonly handlers: Pick<Handlers<EngineCalls>, DirectCall>;
  /** The link ended, the page is gone, or the person turned it off. */
  close(): Promise<void>;
}

export function openDirectLane({ blocks, clock, isOn, outside, emit }: DirectLaneOptions): DirectLane {
  let opening: Promise<{ meeting: DirectMeeting; fingerprint: string } | undefined> | undefined;
  let lane: DirectStream | undefined;
  let lateBytes = 0;
  let unreported: EngineEvents['direct-blocks'][number][] = [];
  let cancelReport: (() => void) | undefined;
  const transferOf = new Map<number, string>();

  async function open(): Promise<{ meeting: DirectMeeting; fingerprint: string } | undefined> {
    const certificate = await makeLaneCertificate(clock.wallClockMs());
    const opened = await openMeeting(certificate, clock.after, {
      lane(stream) {
        lane = stream;
        lateBytes = 0;
        emit('direct-lane', { at: 'up' });
      },
      block: (arrived) => store(arrived),
      blocked: (at) => emit('direct-blocked', { at }),
      lost(refused) {
        lane = undefined;
        reportAll();
        emit('direct-lane', refused === undefined ? { at: 'down' } : { at: 'refused' });
      },
    });
    outside.open(opened.port);
    return { meeting: opened, fingerprint: certificate.fingerprint };
  }

  async function store({ attempt, block, hash, parts }: DirectBlock): Promise<void> {
    const transfer = transferOf.get(attempt);
    if (transfer === undefined) {
      report({ attempt, block, hash, outcome: { is: 'unexpected' } });
      lateBytes += parts.reduce((sum, part) => sum + part.byteLength, 0);
      if (lateBytes > lateFramesMaxBytes) lane?.close();
      return;
    }
    try {
      const { filesDone } = await blocks.write(transfer, { block, parts: [...parts], hash });
      report({ attempt, block, hash, outcome: { is: 'stored', filesDone } });
    } catch (error) {
      report({ attempt, block, hash, outcome: { is: 'fault', code: toFaultView(error).code } });
    }
  }

  function report(arrival: EngineEvents['direct-blocks'][number]): void {
    unreported.push(arrival);
    if (unreported.length >= directBlocksPerCall) reportAll();
    else if (unreported.length === 1) cancelReport = clock.after(directReportMs, reportAll);
  }

  function reportAll(): void {
    cancelReport?.();
    if (unreported.length > 0) emit('direct-blocks', unreported);
    unreported = [];
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
        const opened = await opening;
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
      'direct.send': ({ transfer, attempt, blocks: wanted }) =>
        Promise.all(
          wanted.map(async (block) => {
            try {
              const { bytes, hash, faults } = await blocks.read(transfer, block);
              const isSent = (await lane?.send({ attempt, block }, bytes, hash)) ?? false;
              return { is: 'read' as const, isSent, hash, faults };
            } catch (error) {
              return { is: 'fault' as const, fault: toFaultView(error) };
            }
          }),
        ),
      'direct.sendBytes': async ({ attempt, block, bytes, hash }) => ({
        isSent: (await lane?.send({ attempt, block }, bytes, hash)) ?? false,
      }),
      'direct.drop': () => lane?.close(),
      'direct.close': close,
    },
    close,
  };
}
