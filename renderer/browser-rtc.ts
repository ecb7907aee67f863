// The browser's own connections, as link/ wants them.

import type { RtcFactory } from '../link/rtc.ts';

export const browserRtc: RtcFactory = {
  // Certificates come back to the factory that made them, so they are the browser's own.
  open: (config) => new RTCPeerConnection(config as RTCConfiguration),
  makeCertificate: () =>
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams),
};
