// The real scanner in a page of its own, reachable from the test as `window.scanning`.

import { startBundledWorker } from '../../../renderer/bundled-workers.ts';
import { openScanner, type Scanner } from '../../../renderer/scan/open-scanner.ts';
import type { CameraSession, CameraView } from '../../../renderer/scan/run-camera.ts';

declare global {
  interface Window {
    scanning: {
      readonly scanner: Scanner;
      readonly views: CameraView[];
      readonly texts: string[];
      camera?: CameraSession;
      start(): void;
    };
  }
}

const scanner = openScanner(() => startBundledWorker('scan'));
const views: CameraView[] = [];
const texts: string[] = [];

window.scanning = {
  scanner,
  views,
  texts,
  start() {
    window.scanning.camera = scanner.startCamera({
      video: document.querySelector<HTMLVideoElement>('#video')!,
      allowed: Promise.resolve(),
      onView: (view) => views.push(view),
      onText: (text) => texts.push(text),
    });
  },
};
