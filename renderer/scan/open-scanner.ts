// The page's side of reading codes: pictures and the camera, one Worker behind both. The Worker starts with the first
// picture and ends with close().

import { Fault } from '../../shared/model/fault.ts';
import { headerReadBytes, pictureSize } from '../../shared/model/picture-header.ts';
import { pictureMaxPixels, pictureMaxSidePx, scanAnswerDeadlineMs } from '../../shared/wire/limits.ts';
import { codePicture, drawCode } from './draw-code.ts';
import { type CameraOptions, type CameraSession, runCamera } from './run-camera.ts';
import type { ScanAnswer, ScanRequest } from './scan-messages.ts';

export interface Scanner {
  drawCode(canvas: HTMLCanvasElement, text: string, sizePx?: number): void;
  codePicture(text: string): Promise<Blob>;
  /** Every code in the picture. Throws `picture-unreadable` or `picture-no-code`. */
  decodeAll(picture: Blob): Promise<string[]>;
  /** All of them as one text, a line each: what decodeCode takes. */
  decodePicture(picture: Blob): Promise<string>;
  /** One camera at a time: the one before is let go. */
  startCamera(options: CameraOptions): CameraSession;
  /** A camera is on, or about to be. */
  isLooking(): boolean;
  close(): void;
}

/** `makeWorker` starts scan-worker.ts. */
export function openScanner(makeWorker: () => Worker): Scanner {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, { resolve(texts: string[]): void; timer: ReturnType<typeof setTimeout> }>();
  let camera: CameraSession | undefined;

  /** A Worker that broke or hangs is replaced; whoever waited learns that nothing was seen. */
  function reset(): void {
    worker?.terminate();
    worker = undefined;
    for (const { resolve, timer } of waiting.values()) {
      clearTimeout(timer);
      resolve([]);
    }
    waiting.clear();
  }

  function startWorker(): Worker {
    const started = makeWorker();
    started.addEventListener('message', ({ data }: MessageEvent<ScanAnswer>) => {
      const entry = waiting.get(data.id);
      waiting.delete(data.id);
      clearTimeout(entry?.timer);
      entry?.resolve([...data.texts]);
    });
    started.addEventListener('error', reset);
    return started;
  }

  function scan(picture: ImageBitmap, effort: ScanRequest['effort']): Promise<string[]> {
    worker ??= startWorker();
    lastId += 1;
    const request: ScanRequest = { id: lastId, picture, effort };
    return new Promise((resolve) => {
      waiting.set(request.id, { resolve, timer: setTimeout(reset, scanAnswerDeadlineMs) });
      worker?.postMessage(request, [picture]);
    });
  }

  async function decodeAll(picture: Blob): Promise<string[]> {
    const texts = await scan(await openPicture(picture), 'thorough');
    if (texts.length === 0) throw new Fault('picture-no-code', 'no QR code was found in this picture');
    return texts;
  }

  return {
    drawCode,
    codePicture,
    decodeAll,
    decodePicture: async (picture) => (await decodeAll(picture)).join('\n'),
    startCamera(options) {
      camera?.close();
      camera = runCamera(options, (frame) => scan(frame, 'quick'));
      return camera;
    },
    isLooking: () => camera?.isLooking() ?? false,
    close() {
      camera?.close();
      reset();
    },
  };
}

async function openPicture(picture: Blob): Promise<ImageBitmap> {
  const size = pictureSize(new Uint8Array(await picture.slice(0, headerReadBytes).arrayBuffer()));
  if (size === undefined) throw new Fault('picture-unreadable', 'this is not a picture that can be read');
  const { width, height } = size;
  if (width < 1 || height < 1 || Math.max(width, height) > pictureMaxSidePx || width * height > pictureMaxPixels) {
    throw new Fault('picture-unreadable', 'this picture is too large', { detail: { width, height } });
  }
  return createImageBitmap(picture).catch((cause: unknown) => {
    throw new Fault('picture-unreadable', 'this picture is damaged', { cause });
  });
}
