// Files of an incoming transfer that the sender could not read: what came for them is zeros, and they must never be published,
// not even after a restart. Thousands may fail in one breath, or one after the other for hours: they are written down together, and
// writing takes no more than a tenth of the time, however long the list is.

import type { Clock } from '../../shared/model/clock.ts';
import type { FaultCode } from '../../shared/model/fault.ts';
import { failedPauseMaxMs, failedPauseTimes } from '../../shared/wire/limits.ts';
import type { ActiveReceive } from './active-receive.ts';
import type { KeptReceive, ReceiveRecords } from './receive-record.ts';

export interface FailedFiles {
  /** Known at once; written down soon. */
  note(transfer: Pick<ActiveReceive, 'failed' | 'record'>, index: number, code: FaultCode): void;
  /** Resolves when everything that was noted of this transfer is written down, or was refused, without a pause. */
  written(id: string): Promise<void>;
  /** The same where nothing may be missing: what was refused is written now, or this throws. */
  require(transfer: Pick<ActiveReceive, 'failed' | 'record'>): Promise<void>;
}

/** `awaited` ends the pause before it. */
type Writing = { readonly done: Promise<void>; readonly awaited: AbortController };

export function openFailedFiles(records: Pick<ReceiveRecords, 'save'>, clock: Clock): FailedFiles {
  const writing = new Map<string, Writing>();
  const waiting = new Set<string>();
  /** How many of a list are written down. */
  const kept = new WeakMap<ReadonlyMap<number, FaultCode>, number>();
  /** When the last list of a transfer was written, and how long that took. */
  const last = new WeakMap<ReadonlyMap<number, FaultCode>, { readonly endMs: number; readonly tookMs: number }>();

  function pause({ failed }: Pick<ActiveReceive, 'failed'>, awaited: AbortSignal): Promise<void> {
    const { endMs, tookMs } = last.get(failed) ?? { endMs: 0, tookMs: 0 };
    const pauseMs = Math.min(failedPauseTimes * tookMs, failedPauseMaxMs) - (clock.now() - endMs);
    if (awaited.aborted || tookMs === 0 || pauseMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(pauseMs, resolve);
      awaited.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  async function save(transfer: Pick<ActiveReceive, 'failed' | 'record'>): Promise<void> {
    const beganMs = clock.now();
    try {
      const { size } = transfer.failed;
      await records.save(withFailed(transfer));
      kept.set(transfer.failed, size);
    } finally {
      const endMs = clock.now();
      last.set(transfer.failed, { endMs, tookMs: endMs - beganMs });
    }
  }

  async function written(id: string): Promise<void> {
    const under = writing.get(id);
    if (under === undefined) return;
    under.awaited.abort();
    await under.done;
  }

  return {
    written,
    async require(transfer) {
      await written(transfer.record.id);
      if (transfer.failed.size > (kept.get(transfer.failed) ?? 0)) await save(transfer);
    },
    note(transfer, index, code) {
      const { id } = transfer.record;
      transfer.failed.set(index, code);
      if (waiting.has(id)) return;
      waiting.add(id);
      const before = writing.get(id)?.done ?? Promise.resolve();
      const awaited = new AbortController();
      const done = before
        .then(() => pause(transfer, awaited.signal))
        .then(() => {
          waiting.delete(id);
          return save(transfer);
        })
        // A disk that is full now: the sender says it again when it goes on, and nothing is published before it is written.
        .catch(() => undefined)
        .finally(() => {
          if (writing.get(id)?.awaited === awaited) writing.delete(id);
        });
      writing.set(id, { done, awaited });
    },
  };
}

export function withFailed({ record, failed }: Pick<ActiveReceive, 'failed' | 'record'>): KeptReceive {
  return failed.size === 0 ? record : { ...record, failed: [...failed].map(([index, code]) => ({ index, code })) };
}
