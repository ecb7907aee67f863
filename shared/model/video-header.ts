// Whether a file claims to be a video that browsers play, by its first bytes alone.

/** What MP4 and QuickTime files begin with, behind the length of their first part, of which only `mdat` is ever large. */
const mp4Parts = new Set(['ftyp', 'moov', 'wide', 'free', 'skip']);
const ebml = [0x1a, 0x45, 0xdf, 0xa3];

export function isVideo(bytes: Uint8Array): boolean {
  const ascii = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  const isMatroska = ebml.every((byte, at) => bytes[at] === byte);
  const isMp4 = ascii(4) === 'mdat' || (bytes[0] === 0 && mp4Parts.has(ascii(4)));
  return isMatroska || ascii(0) === 'OggS' || isMp4;
}
