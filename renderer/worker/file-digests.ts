// SHA-256 of whole files that the page holds. Browsers hash what is in memory, and the other side chooses how many files it asks for:
// so they are read one after the other, over all transfers of the page.

import { sha256, toHex } from '../../shared/model/bytes.ts';

/** A larger file is simply sent again. */
const digestMaxBytes = 64 * 1024 * 1024;

/** Nothing where the file is too large, or cannot be read, or nobody waits for it once its turn comes. */
export type DigestOf = (file: File | undefined, isOver: () => boolean) => Promise<string | null>;

export function openDigests(): DigestOf {
  let last: Promise<unknown> = Promise.resolve();
  return (file, isOver) => {
    const digest = last.then(() => (isOver() ? null : makeDigest(file)));
    last = digest;
    return digest;
  };
}

async function makeDigest(file: File | undefined): Promise<string | null> {
  if (file === undefined || file.size > digestMaxBytes) return null;
  try {
    return toHex(await sha256(new Uint8Array(await file.arrayBuffer())));
  } catch {
    return null;
  }
}
