// What the page may ask the machine for: the camera picture, while the scanner is open, and nothing else, ever.

import type { Session } from 'electron';
import { isPageUrl } from './origin.ts';

/** How long the camera may still be asked for after the scanner was last opened or used. */
const scanGraceMs = 30_000;

export interface ScanGate {
  set(on: boolean): void;
  isOpen(): boolean;
}

export function openScanGate(now: () => number = () => performance.now()): ScanGate {
  let openUntil = Number.NEGATIVE_INFINITY;
  return {
    set: (on) => {
      openUntil = on ? now() + scanGraceMs : Number.NEGATIVE_INFINITY;
    },
    isOpen: () => now() < openUntil,
  };
}

export function guardPermissions(session: Session, gate: ScanGate, home: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const types = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    const isCameraOnly = permission === 'media' && types.length === 1 && types[0] === 'video';
    const isAllowed = isCameraOnly && details.isMainFrame && isPageUrl(details.requestingUrl, home) && gate.isOpen();
    if (isAllowed) gate.set(true);
    answer(isAllowed);
  });
  // A code path of its own: without a handler every check is answered with yes.
  session.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      permission === 'media' &&
      details.mediaType === 'video' &&
      details.isMainFrame &&
      isPageUrl(origin, home) &&
      gate.isOpen(),
  );
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
