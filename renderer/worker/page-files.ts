// The sources of files that the page itself holds, by transfer: a later link takes one up where an earlier one left it, as the
// host's records do for files on its disk.

import type { KeptTransfer, Source, SourceFrom } from '../../engine/ports.ts';
import { pageSendsKeptMax } from '../../shared/wire/limits.ts';
import { openDigests } from './file-digests.ts';
import { openPageSource, type PageSourceParts } from './page-source.ts';

type PickedFrom = Extract<SourceFrom, { is: 'files' }>;

export interface PageFiles {
  /** Until it is closed for good. */
  hold(transfer: string, from: PickedFrom): Source;
  held(transfer: string): Source | undefined;
  /** The newest first. */
  claims(): readonly KeptTransfer[];
}

export function openPageFiles(parts: Omit<PageSourceParts, 'digestOf'>): PageFiles {
  const digestOf = openDigests();
  const held = new Map<string, { readonly secret: string; readonly source: Source }>();

  function hold(transfer: string, from: PickedFrom): Source {
    const files = openPageSource(from, { ...parts, digestOf });
    const source: Source = {
      ...files,
      async close(keep) {
        if (!keep) held.delete(transfer);
        await files.close(keep);
      },
    };
    held.set(transfer, { secret: from.secret, source });
    for (const oldest of held.keys()) {
      if (held.size <= pageSendsKeptMax) break;
      held.delete(oldest);
    }
    return source;
  }

  return {
    hold,
    held: (transfer) => held.get(transfer)?.source,
    claims: () => [...held].reverse().map(([id, { secret }]) => ({ id, secret, direction: 'send' as const })),
  };
}
