// The browser's own connections, as link/ wants them.

import type { RtcFactory } from '../link/rtc.ts';

/** The first certificate is begun at once, so that it is there when the first connection wants it. */
export function openBrowserRtc(): RtcFactory {
  let first: ReturnType<RtcFactory['makeCertificate']> | undefined = browserRtc.makeCertificate();
  // Whoever wants it hears of it.
  first.catch(() => undefined);
  return {
    ...browserRtc,
    makeCertificate() {
      const made = first ?? browserRtc.makeCertificate();
      first = undefined;
      return made;
    },
  };
}

export const browserRtc: RtcFactory = {
  // Certificates come back to the factory that made them, so they are the browser's own.
  async open(config) {
    for (let left = collectRounds; ; left -= 1) {
      try {
        return new RTCPeerConnection(config as RTCConfiguration);
      } catch (error) {
        if (left === 0 || !isTooMany(error)) throw error;
        await collectClosed();
      }
    }
  },
  makeCertificate: () =>
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams),
};

/**
 * Chromium lets a page have 500 connections (rtc_peer_connection.cc), and counts a closed one until it is collected: that may take
 * minutes, since nothing tells the collector of what lies outside of its heap. A peer that has lanes made and closed without end would use
 * them all up.
 */
function isTooMany(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'UnknownError';
}

/** Mostly two are enough, of a fortieth of a second together. */
const collectRounds = 40;
const garbageBytes = 32 * 1024 * 1024;
const collectMs = 20;

/** Memory that nobody asked for is what makes a browser collect. It is never touched, so it costs no real one. */
async function collectClosed(): Promise<void> {
  try {
    // As a call: a build leaves out what is only made.
    Reflect.construct(ArrayBuffer, [garbageBytes]);
  } catch {
    // As little as that is left: then it collects by itself.
  }
  await new Promise((resolve) => setTimeout(resolve, collectMs));
}
