// A film for Chromium's --use-file-for-fake-video-capture: raw YUV behind a line of text, which Chromium plays in a loop.
// Chromium reads every frame from the file when its turn comes, so a film that is rewritten in place is a live camera.

import { closeSync, openSync, writeSync } from 'node:fs';
import { type Luminance, luminanceOf, resized } from '../../build/luminance.ts';
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
/** A laptop's camera. */
const liveWidth = 1280;
const liveHeight = 720;
/** The other screen, seen with a margin around it. */
const screenShare = 0.94;

/** `file` must end in .y4m. Several texts are shown one after the other. */
export function writeFakeCamera(file: string, texts: string | readonly string[]): void {
  const out = openSync(file, 'w');
  try {
    writeSync(out, headline(width, height));
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

export type LiveCamera = {
  /** What is before the camera from now on: a screen, as a PNG. */
  look(screen: Buffer): void;
  close(): void;
};

/** Sees nothing at first. `file` must end in .y4m and be there before Chromium starts. */
export function openLiveCamera(file: string): LiveCamera {
  const out = openSync(file, 'w');
  const head = headline(liveWidth, liveHeight);
  const film = (frame: Uint8Array) => {
    writeSync(out, Buffer.concat([Buffer.from(`${head}FRAME\n`), frame]), 0, undefined, 0);
  };
  film(emptyFrame(liveWidth, liveHeight));
  return {
    look: (screen) => film(frameOfScreen(luminanceOf(screen))),
    close: () => closeSync(out),
  };
}

function headline(frameWidth: number, frameHeight: number): string {
  return `YUV4MPEG2 W${frameWidth} H${frameHeight} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`;
}

function emptyFrame(frameWidth: number, frameHeight: number): Uint8Array {
  const luma = frameWidth * frameHeight;
  return new Uint8Array((luma * 3) / 2).fill(grey, 0, luma).fill(128, luma);
}

function frameOfScreen(screen: Luminance): Uint8Array {
  const scale = screenShare * Math.min(liveWidth / screen.width, liveHeight / screen.height);
  const seen = resized(screen, Math.round(screen.width * scale), Math.round(screen.height * scale));
  const frame = emptyFrame(liveWidth, liveHeight);
  const [left, top] = [(liveWidth - seen.width) >> 1, (liveHeight - seen.height) >> 1];
  for (let y = 0; y < seen.height; y += 1) {
    frame.set(seen.data.subarray(y * seen.width, (y + 1) * seen.width), (top + y) * liveWidth + left);
  }
  return frame;
}

/** An empty text is a view without a code. */
function frameOf(text: string): Uint8Array {
  const frame = emptyFrame(width, height);
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
