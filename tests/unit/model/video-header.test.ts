// Which files are handed to a video decoder: those that begin as videos do.

import { describe, expect, it } from 'vitest';
import { isVideo } from '../../../shared/model/video-header.ts';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe('a file', () => {
  it.each([
    ['MP4', '\0\0\0\x20ftypisom'],
    ['QuickTime of an old camera', '\0\0\0\x08wide'],
    ['WebM and Matroska', '\x1a\x45\xdf\xa3\x01'],
    ['Ogg', 'OggS\0\x02'],
  ])('that begins as %s does is taken for a video', (_kind, head) => {
    expect(isVideo(bytes(head))).toBe(true);
  });

  it.each(['', 'no', '\x89PNG\r\n\x1a\n', '\xff\xd8\xff\xe0', 'RIFF\0\0\0\0WEBP', 'ID3\x04ftyp'])(
    'that begins with %j is none',
    (head) => {
      expect(isVideo(bytes(head))).toBe(false);
    },
  );
});
