// Whether this browser has all that Tincan needs.

/** Direct links, Workers, certificates that can be compared, and channels that can really be handed to a Worker. */
export function isSupported(): boolean {
  if (!('RTCPeerConnection' in window) || !('Worker' in window)) return false;
  if (!('RTCDtlsTransport' in window) || !('getRemoteCertificates' in RTCDtlsTransport.prototype)) return false;
  const connection = new RTCPeerConnection();
  const { port1, port2 } = new MessageChannel();
  try {
    // Some browsers have channels and cannot hand one over: only trying tells (Firefox before 144).
    const channel = connection.createDataChannel('trial');
    port1.postMessage(channel, [channel as unknown as Transferable]);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
    connection.close();
  }
}
