// Watches a camera for codes. One frame is looked at at a time and the next only after the last answer, at most about
// eight a second: a slow machine simply looks less often. The camera is let go on close and when nobody can see the page.

import { Fault, type FaultCode, type FaultView, toFaultView } from '../../shared/model/fault.ts';
import { cameraFrameEveryMs, cameraHiddenMaxMs } from '../../shared/wire/limits.ts';

export type CameraDevice = { readonly id: string; readonly label: string };

export type CameraView =
  | { readonly at: 'asking' }
  | {
      readonly at: 'looking';
      readonly devices: readonly CameraDevice[];
      readonly device?: string;
      /** Present where the camera has a lamp. */
      readonly torch?: boolean;
      /** A camera that faces its user: people expect to see themselves as in a mirror. */
      readonly mirrored: boolean;
      /** A code is in view at this moment. */
      readonly found: boolean;
    }
  | { readonly at: 'failed'; readonly fault: FaultView };

export type CameraOptions = {
  readonly video: HTMLVideoElement;
  /** Nobody asks for the camera before that; where it fails, that is why there is none. */
  readonly allowed: Promise<unknown>;
  readonly device?: string;
  readonly onView: (view: CameraView) => void;
  /** Every code of every frame; a code that stays in view is told again and again. */
  readonly onText: (text: string) => void;
};

export interface CameraSession {
  setTorch(on: boolean): void;
  /** From when it was asked for. */
  isLooking(): boolean;
  close(): void;
}

type Looking = Extract<CameraView, { at: 'looking' }>;

/** Enough detail for a code across the room, little enough for one frame to be read in milliseconds. */
const frameMaxPx = 1280;

export function runCamera(options: CameraOptions, scan: (frame: ImageBitmap) => Promise<string[]>): CameraSession {
  const { video, onView, onText } = options;
  const page = video.ownerDocument;
  let stream: MediaStream | undefined;
  let view: Exclude<CameraView, { at: 'failed' }> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  /** Counts openings: whatever belongs to an earlier one ends by itself. */
  let turn = 0;
  let frames = 0;

  function show(next: Exclude<CameraView, { at: 'failed' }>): void {
    view = next;
    onView(next);
  }

  function stop(): void {
    turn += 1;
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    view = undefined;
    video.srcObject = null;
  }

  async function open(): Promise<void> {
    turn += 1;
    const mine = turn;
    show({ at: 'asking' });
    try {
      await options.allowed;
      if (mine !== turn) return;
      const opened = await askForCamera(options.device);
      if (mine !== turn) {
        for (const track of opened.getTracks()) track.stop();
        return;
      }
      stream = opened;
      opened.getVideoTracks()[0]?.addEventListener('ended', () => {
        if (mine === turn) fail('camera-busy', 'the camera was taken away');
      });
      video.muted = true;
      video.srcObject = opened;
      await video.play();
      const facts = await describe(opened);
      if (mine !== turn) return;
      show(facts);
      look(mine);
    } catch (error) {
      if (mine === turn) fail(error instanceof Fault ? error.code : cameraFault(error), toFaultView(error).message);
    }
  }

  function fail(code: FaultCode, message: string): void {
    stop();
    onView({ at: 'failed', fault: { code, message } });
  }

  function look(mine: number): void {
    const startedMs = performance.now();
    const again = () => {
      if (mine === turn)
        timer = setTimeout(look, Math.max(0, startedMs + cameraFrameEveryMs - performance.now()), mine);
    };
    frames += 1;
    grab(video, frames % 2 === 0)
      .then((frame) => (frame === undefined ? [] : scan(frame)))
      .then((texts) => {
        if (mine !== turn || view?.at !== 'looking') return;
        const found = texts.length > 0;
        if (view.found !== found) show({ ...view, found });
        for (const text of texts) onText(text);
      })
      // A frame that could not be taken (the device is changing) is followed by another.
      .catch(() => undefined)
      .finally(again);
  }

  function onVisibility(): void {
    clearTimeout(hiddenTimer);
    if (page.hidden) hiddenTimer = setTimeout(stop, cameraHiddenMaxMs);
    else if (stream === undefined) void open();
  }

  async function changeTorch(on: boolean): Promise<void> {
    await stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
    if (view?.at === 'looking') show({ ...view, torch: on });
  }

  page.addEventListener('visibilitychange', onVisibility);
  void open();

  return {
    setTorch(on) {
      if (view?.at !== 'looking' || view.torch === undefined) return;
      // A lamp that refuses stays as it is shown.
      changeTorch(on).catch(() => undefined);
    },
    isLooking: () => view !== undefined,
    close() {
      page.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(hiddenTimer);
      stop();
    },
  };
}

function askForCamera(device: string | undefined): Promise<MediaStream> {
  const size = { width: { ideal: frameMaxPx }, height: { ideal: 720 } };
  const which = device === undefined ? { facingMode: { ideal: 'environment' } } : { deviceId: { exact: device } };
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
}

async function describe(stream: MediaStream): Promise<Looking> {
  const track = stream.getVideoTracks()[0];
  const settings = track?.getSettings() ?? {};
  const hasTorch = track !== undefined && 'torch' in track.getCapabilities();
  const devices = (await navigator.mediaDevices.enumerateDevices())
    .filter(({ kind, deviceId }) => kind === 'videoinput' && deviceId !== '')
    .map(({ deviceId, label }, at) => ({ id: deviceId, label: label || `${at + 1}` }));
  return {
    at: 'looking',
    devices,
    ...(settings.deviceId === undefined ? {} : { device: settings.deviceId }),
    ...(hasTorch ? { torch: false } : {}),
    // A laptop's camera names no side; it faces whoever sits there.
    mirrored: settings.facingMode !== 'environment',
    found: false,
  };
}

/** The whole frame, or its middle half at full detail: a small code far away needs the pixels. */
async function grab(video: HTMLVideoElement, middleOnly: boolean): Promise<ImageBitmap | undefined> {
  const { videoWidth: width, videoHeight: height } = video;
  if (width === 0 || height === 0) return undefined;
  const crop = middleOnly
    ? {
        x: Math.floor(width / 4),
        y: Math.floor(height / 4),
        width: Math.ceil(width / 2),
        height: Math.ceil(height / 2),
      }
    : { x: 0, y: 0, width, height };
  const scale = Math.min(1, frameMaxPx / Math.max(crop.width, crop.height));
  return createImageBitmap(video, crop.x, crop.y, crop.width, crop.height, {
    resizeWidth: Math.max(1, Math.round(crop.width * scale)),
    resizeHeight: Math.max(1, Math.round(crop.height * scale)),
  });
}

function cameraFault(error: unknown): FaultCode {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'camera-denied';
    case 'NotReadableError':
    case 'AbortError':
      return 'camera-busy';
    default:
      return 'camera-missing';
  }
}
