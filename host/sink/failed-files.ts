// Files of an incoming transfer that the sender could not read: what came for them is zeros, and they must never be published,
// not even after a restart. Thousands may fail in one breath, so they are written down together.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { ActiveReceive } from './active-receive.ts';
import type { KeptReceive, ReceiveRecords } from './receive-record.ts';

export interface FailedFiles {
  /** Known at once; written down soon. */
  note(transfer: ActiveReceive, index: number, code: FaultCode): void;
  /** Resolves when everything that was noted of this transfer is written down. */
  written(id: string): Promise<void>;
}

export function openFailedFiles(records: ReceiveRecords): FailedFiles {
  const writing = new Map<string, Promise<void>>();
  const waiting = new Set<string>();
  const written = (id: string) => writing.get(id) ?? Promise.resolve();

  return {
    written,
    note(transfer, index, code) {
      const { id } = transfer.record;
      transfer.failed.set(index, code);
      if (waiting.has(id)) return;
      waiting.add(id);
      const next = written(id)
        .then(() => {
          waiting.delete(id);
          return records.save(withFailed(transfer));
        })
        // A disk that is full now: the sender says it again when it goes on.
        .catch(() => undefined)
        .finally(() => {
          if (writing.get(id) === next) writing.delete(id);
        });
      writing.set(id, next);
    },
  };
}

export function withFailed({ record, failed }: ActiveReceive): KeptReceive {
  return failed.size === 0 ? record : { ...record, failed: [...failed].map(([index, code]) => ({ index, code })) };
}
