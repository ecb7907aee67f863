// How many bytes came over the connections of a page.

import type { Instance } from './instance.ts';

declare global {
  interface Window {
    everyConnection: RTCPeerConnection[];
  }
}

/** Runs in the page, before it: remembers every connection that is made, for what they carried. */
export function countConnections(): void {
  window.everyConnection = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...args);
      window.everyConnection.push(this);
    }
  };
}

export function receivedOnTheWire({ page }: Instance): Promise<number> {
  return page.evaluate(async () => {
    let bytes = 0;
    for (const connection of window.everyConnection) {
      for (const [, stat] of await connection.getStats()) if (stat.type === 'transport') bytes += stat.bytesReceived;
    }
    return bytes;
  });
}
