// The Worker's end of asking the page for a picture out of a video.

import type { ReadFrame } from './draw-thumbnail.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

export interface FrameRequests {
  readonly readFrame: ReadFrame;
  answered(answer: Extract<ToWorker, { is: 'frame' }>): void;
}

export function openFrameRequests(post: (message: FromWorker) => void): FrameRequests {
  const open = new Map<number, (frame: ImageBitmap | undefined) => void>();
  let last = 0;
  return {
    readFrame(video) {
      const request = ++last;
      return new Promise((resolve) => {
        open.set(request, resolve);
        post({ is: 'read-frame', request, video });
      });
    },
    answered({ request, frame }) {
      open.get(request)?.(frame);
      open.delete(request);
    },
  };
}
