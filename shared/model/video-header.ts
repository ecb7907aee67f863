// Whether a file claims to be a video that browsers play, by its first bytes alone.

/** What MP4 and QuickTime files begin with, behind the length of their first part. */
const mp4Parts = new Set(['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip']);
const ebml = [0x1a, 0x45, 0xdf, 0xa3];

export function isVideo(bytes: Uint8Array): boolean {
  const ascii = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  const isMatroska = ebml.every((byte, at) => bytes[at] === byte);
  return isMatroska || ascii(0) === 'OggS' || mp4Parts.has(ascii(4));
}
