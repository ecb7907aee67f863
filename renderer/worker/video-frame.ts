// One picture out of a video that this person sends, decoded in the page as any page shows a video. The Worker asks for it,
// because a Worker has no videos. Promises: one video at a time, a few seconds for each, and nothing is played.

import { videoFrameAtS, videoFrameMaxMs } from '../../shared/wire/limits.ts';
import { isBearable, type ReadFrame, thumbnailSize } from './draw-thumbnail.ts';

export function openFrameReader(): ReadFrame {
  let last: Promise<unknown> = Promise.resolve();
  return (video) => {
    const frame = last.then(() => readFrame(video));
    last = frame;
    return frame;
  };
}

/** Nothing where this browser does not know the video, or takes too long. */
async function readFrame(file: Blob): Promise<ImageBitmap | undefined> {
  const video = document.createElement('video');
  const address = URL.createObjectURL(file);
  const signal = AbortSignal.timeout(videoFrameMaxMs);
  try {
    video.muted = true;
    video.preload = 'auto';
    video.src = address;
    await once(video, 'loadeddata', signal);
    const size = { width: video.videoWidth, height: video.videoHeight };
    // A sound has no picture.
    if (size.width === 0 || !isBearable(size)) return undefined;
    // Many films begin in black. One that was recorded in a browser does not know how long it is.
    if (Number.isFinite(video.duration)) {
      video.currentTime = Math.min(videoFrameAtS, video.duration / 2);
      await once(video, 'seeked', signal);
    }
    return await createImageBitmap(video, thumbnailSize(size));
  } catch {
    return undefined;
  } finally {
    video.removeAttribute('src');
    // Lets go of the file.
    video.load();
    URL.revokeObjectURL(address);
  }
}

function once(video: HTMLVideoElement, event: 'loadeddata' | 'seeked', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true, signal });
    video.addEventListener('error', reject, { once: true, signal });
    signal.addEventListener('abort', reject, { once: true });
  });
}
