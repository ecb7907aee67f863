// A film for Chromium's --use-file-for-fake-video-capture: raw YUV behind a line of text, which Chromium plays in a loop.

import { closeSync, openSync, writeSync } from 'node:fs';
import { codeMatrix } from '../../renderer/scan/code-matrix.ts';

const width = 640;
const height = 480;
const framesPerSecond = 10;
/** Each text stays in view for as long as a person would hold still. */
const framesPerText = 20;
const codeShare = 0.6;
const grey = 150;
const light = 225;
const dark = 25;

/** `file` must end in .y4m. Several texts are shown one after the other. */
export function writeFakeCamera(file: string, texts: string | readonly string[]): void {
  const out = openSync(file, 'w');
  try {
    writeSync(out, `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
    for (const text of typeof texts === 'string' ? [texts] : texts) {
      const frame = frameOf(text);
      for (let count = 0; count < framesPerText; count += 1) {
        writeSync(out, 'FRAME\n');
        writeSync(out, frame);
      }
    }
  } finally {
    closeSync(out);
  }
}

/** An empty text is a view without a code. */
function frameOf(text: string): Uint8Array {
  const luma = width * height;
  const frame = new Uint8Array((luma * 3) / 2).fill(grey, 0, luma).fill(128, luma);
  if (text === '') return frame;
  const matrix = codeMatrix(text);
  const side = Math.round(height * codeShare);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const isDark = matrix.isDark(Math.floor((x * matrix.size) / side), Math.floor((y * matrix.size) / side));
      frame[(top + y) * width + left + x] = isDark ? dark : light;
    }
  }
  return frame;
}
