// Whether this browser has all that Tincan needs.

export function isSupported(): boolean {
  return hasEverything() && handsOverChannels();
}

/** Direct links, Workers, and certificates that can be compared. */
export function hasEverything(): boolean {
  if (!('RTCPeerConnection' in window) || !('Worker' in window)) return false;
  return 'RTCDtlsTransport' in window && 'getRemoteCertificates' in RTCDtlsTransport.prototype;
}

/** Channels can really be handed to a Worker. The first connection that a page makes keeps its thread waiting for some time. */
export function handsOverChannels(): boolean {
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
