// Small pictures of files, as they came from the other side or were drawn here. Looked at before they are kept: a picture says its
// size in its first bytes, and one that is not small is none.

import { pictureSize } from '../../shared/model/picture-header.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import {
  thumbnailMaxBytes,
  thumbnailShownMaxPx,
  thumbnailsMax,
  thumbnailTransfersMax,
} from '../../shared/wire/limits.ts';

/** In the first byte of a `VP8X` chunk. */
const animationFlag = 0x02;

/** By the index of the file in its transfer. */
export type Thumbnails = ReadonlyMap<number, Blob>;
export type ThumbnailsOf = ReadonlyMap<TransferId, Thumbnails>;

export type NewThumbnail = { readonly transfer: TransferId; readonly index: number; readonly image: string };

/** What is no small picture is left out. Of many transfers the newest keep theirs, and of many pictures of one the newest are kept. */
export function withThumbnail(held: ThumbnailsOf, { transfer, index, image }: NewThumbnail): ThumbnailsOf {
  const bytes = readImage(image);
  if (bytes === undefined) return held;
  const pictures = newest(new Map(held.get(transfer)).set(index, new Blob([bytes])), thumbnailsMax);
  return newest(new Map(held).set(transfer, pictures), thumbnailTransfersMax);
}

function newest<Key, Value>(all: Map<Key, Value>, max: number): ReadonlyMap<Key, Value> {
  for (const oldest of all.keys()) {
    if (all.size <= max) break;
    all.delete(oldest);
  }
  return all;
}

function readImage(image: string): Uint8Array<ArrayBuffer> | undefined {
  let text: string;
  try {
    text = atob(image);
  } catch {
    return undefined;
  }
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  if (bytes.length > thumbnailMaxBytes || !isStillWebp(bytes)) return undefined;
  const size = pictureSize(bytes);
  const isSmall = size !== undefined && size.width <= thumbnailShownMaxPx && size.height <= thumbnailShownMaxPx;
  return isSmall ? bytes : undefined;
}

/** The one kind that is sent: Tincan draws none that moves. */
function isStillWebp(bytes: Uint8Array): boolean {
  const startsWith = (text: string, from: number) =>
    [...text].every((letter, at) => bytes[from + at] === letter.charCodeAt(0));
  const moves = startsWith('VP8X', 12) && ((bytes[20] ?? 0) & animationFlag) !== 0;
  return startsWith('RIFF', 0) && !moves;
}
