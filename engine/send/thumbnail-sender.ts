// Small pictures of the files of an offer, sent after it while the other person decides. They are an extra: a picture that cannot be
// made is left out, a peer that does not know them gets none, and a long list has none.

import type { ManifestEntry } from '../../shared/model/manifest.ts';
import { mayBePicture, mayBeVideo } from '../../shared/model/picture-name.ts';
import { thumbnailFilesMax, thumbnailSourceMaxBytes, thumbnailsMax } from '../../shared/wire/limits.ts';
import type { AttemptScope } from '../attempt-scope.ts';
import type { Source } from '../ports.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';

export type ThumbnailParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly entries: readonly ManifestEntry[];
  readonly thumbnail: Source['thumbnail'];
};

export async function sendThumbnails(
  { context, status, entries, thumbnail }: ThumbnailParts,
  scope: AttemptScope,
): Promise<void> {
  if (thumbnail === undefined || !context.takesThumbnails || status.totals.files > thumbnailFilesMax) return;
  const { id: transfer } = status;
  let sent = 0;
  for (const [index, entry] of entries.entries()) {
    if (sent === thumbnailsMax) return;
    if (!mayBeDrawn(entry)) continue;
    const image = await scope.own(thumbnail(index));
    if (image === undefined) continue;
    await scope.own(context.whenRoom(scope.signal));
    context.send({ type: 'thumbnail', transfer, index, image });
    context.emit({ is: 'thumbnail', transfer, index, image });
    sent += 1;
  }
}

/** A picture is decoded as a whole; of a video only the beginning is read, however large it is. */
function mayBeDrawn(entry: ManifestEntry): boolean {
  if (entry.kind !== 'file') return false;
  const name = entry.path.at(-1)!;
  return mayBeVideo(name) || (mayBePicture(name) && entry.size <= thumbnailSourceMaxBytes);
}
