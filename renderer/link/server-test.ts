// Asks one STUN or TURN server what it can do, by gathering candidates against it alone. Reached means that it answered
// with an address or a relay; refused means that the browser or the server would not have the address or password.

import type { ServerEntry } from '../../shared/ipc/settings.ts';

export type ServerTestResult = {
  readonly at: 'reached' | 'silent' | 'refused';
  readonly publicAddress?: string;
  readonly relay: boolean;
  readonly tookMs: number;
};

/** STUN's own code for a wrong password; Chromium reports "no answer" as 701. */
const unauthorizedCode = 401;

export async function testServer(server: ServerEntry, signal: AbortSignal): Promise<ServerTestResult> {
  const startedMs = performance.now();
  let answeredMs: number | undefined;
  let publicAddress: string | undefined;
  let relay = false;
  let isRefused = false;
  let connection: RTCPeerConnection;
  try {
    const { credential, url, username } = server;
    connection = new RTCPeerConnection({
      iceServers: [
        {
          urls: url,
          ...(username === undefined ? {} : { username }),
          ...(credential === undefined ? {} : { credential }),
        },
      ],
    });
  } catch {
    return { at: 'refused', relay: false, tookMs: 0 };
  }
  try {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      connection.addEventListener('icecandidateerror', ({ errorCode }) => {
        isRefused ||= errorCode === unauthorizedCode;
      });
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) return resolve();
        if (candidate.type !== 'srflx' && candidate.type !== 'relay') return undefined;
        answeredMs ??= performance.now() - startedMs;
        if (candidate.type === 'relay') relay = true;
        else publicAddress ??= candidate.address ?? undefined;
        return undefined;
      });
      connection.createDataChannel('test');
      connection.setLocalDescription().catch(() => resolve());
    });
  } finally {
    connection.close();
  }
  const tookMs = answeredMs ?? performance.now() - startedMs;
  // A TURN server tells anybody their address; the password shows only when a relay is asked for.
  const at = isRefused && !relay ? 'refused' : answeredMs !== undefined ? 'reached' : 'silent';
  return publicAddress === undefined ? { at, relay, tookMs } : { at, relay, tookMs, publicAddress };
}
