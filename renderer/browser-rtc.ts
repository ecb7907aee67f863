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
  open: (config) => new RTCPeerConnection(config as RTCConfiguration),
  makeCertificate: () =>
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams),
};
