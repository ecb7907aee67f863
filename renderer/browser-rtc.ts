// The browser's own connections, as link/ wants them.

import type { RtcFactory } from '../link/rtc.ts';

export type BrowserRtc = RtcFactory & {
  /** The first connection looks for its addresses, which needs nothing of the page's own thread until it is done. */
  readonly isLooking: Promise<void>;
};

/** The first certificate is begun at once, so that it is there when the first connection wants it. */
export function openBrowserRtc(): BrowserRtc {
  const looking = Promise.withResolvers<void>();
  let first: ReturnType<RtcFactory['makeCertificate']> | undefined = browserRtc.makeCertificate();
  // Whoever wants it hears of it.
  first.catch(() => undefined);
  return {
    isLooking: looking.promise,
    open(config) {
      const connection = browserRtc.open(config);
      connection.addEventListener('icegatheringstatechange', () => looking.resolve());
      return connection;
    },
    makeCertificate() {
      const made = first ?? browserRtc.makeCertificate();
      first = undefined;
      return made;
    },
  };
}

export const browserRtc: RtcFactory = {
  // Certificates come back to the factory that made them, so they are the browser's own.
  open: (config) => new RTCPeerConnection(config as RTCConfiguration),
  makeCertificate: () =>
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams),
};
