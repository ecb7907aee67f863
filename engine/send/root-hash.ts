// The hash over everything, for a sender that hears of a delivery and did not send all of it in this run: made of the hashes that
// the host remembers, and of those blocks anew that it does not.

import { layOut, totalsOf } from '../../shared/model/layout.ts';
import type { TransferRecord } from '../status/transfer-status.ts';
import type { AttemptSource } from './attempt-source.ts';
import type { OpenSource } from './open-source.ts';
import type { SentBlocks } from './send-queue.ts';

export type WholePorts = {
  readonly files: OpenSource;
  readonly attempt: AttemptSource;
  readonly blocks: SentBlocks;
  readonly record: TransferRecord;
};

/** Nothing where nobody ever chose what is wanted. */
export async function wholeRoot({ files, attempt, blocks, record }: WholePorts): Promise<string | undefined> {
  if (record.rootHash !== undefined) return record.rootHash;
  const { selection } = await files.source.reopen();
  if (selection === undefined) return undefined;
  const layout = layOut(files.entries, selection);
  record.wantedBytes = layout.totalBytes;
  record.wantedFiles = totalsOf(files.entries, selection).files;
  const all: [number, number][] = layout.blocks === 0 ? [] : [[0, layout.blocks]];
  blocks.layOut(layout, all, 1);
  attempt.begin();
  await attempt.select(selection === 'all' ? 'all' : [...selection]);
  await blocks.open(all);
  return blocks.root();
}
