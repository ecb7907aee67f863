// What the page may ask the machine for: the camera picture, while the scanner is open, and nothing else, ever.

import { type Session, systemPreferences } from 'electron/main';
import { isPageUrl } from './origin.ts';

/** How long the camera may still be asked for after the scanner was last opened or used. */
const scanGraceMs = 30_000;

export interface ScanGate {
  set(on: boolean): void;
  isOpen(): boolean;
  /** How often it was shut. */
  shutTimes(): number;
}

export function openScanGate(now: () => number = () => performance.now()): ScanGate {
  let openUntil = Number.NEGATIVE_INFINITY;
  let shutTimes = 0;
  return {
    set: (on) => {
      openUntil = on ? now() + scanGraceMs : Number.NEGATIVE_INFINITY;
      if (!on) shutTimes += 1;
    },
    isOpen: () => now() < openUntil,
    shutTimes: () => shutTimes,
  };
}

export function guardPermissions(session: Session, gate: ScanGate, home: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const isCameraOnly = permission === 'media' && types.length === 1 && types[0] === 'video';
    const isAllowed = isCameraOnly && details.isMainFrame && isPageUrl(details.requestingUrl, home) && gate.isOpen();
    if (!isAllowed) return answer(false);
    gate.set(true);
    const before = gate.shutTimes();
    // A person may look at the system's question for longer than the grace is; shut is shut all the same.
    void askSystemForCamera().then(
      (isGranted) => answer(isGranted && gate.shutTimes() === before),
      () => answer(false),
    );
  });
  // A check opens no camera: that takes a request. WebRTC makes this check before it lists the network interfaces, and lists
  // only the default route's when the answer is no (Blink's FilteringNetworkManager). Without a handler all checks pass.
  session.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      permission === 'media' && details.mediaType === 'video' && details.isMainFrame && isPageUrl(origin, home),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}

/** macOS asks the person once for each app; Chromium does not ask for it by itself in Electron. */
async function askSystemForCamera(): Promise<boolean> {
  return process.platform === 'darwin' ? systemPreferences.askForMediaAccess('camera') : true;
}
