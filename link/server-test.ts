// Asks one STUN or TURN server what it can do, by gathering candidates against it alone. Reached means that it answered
// with an address or a relay; refused means that the browser or the server would not have the address or password.

import type { Clock } from '../shared/model/clock.ts';
import type { ServerEntry } from '../shared/model/server-entry.ts';
import type { RtcConnection, RtcFactory } from './rtc.ts';

export type ServerTestResult = {
  readonly at: 'reached' | 'silent' | 'refused';
  readonly publicAddress?: string;
  readonly relay: boolean;
  readonly tookMs: number;
};

/** STUN's own code for a wrong password; Chromium reports "no answer" as 701. */
const unauthorizedCode = 401;

export type ProbePorts = { readonly rtc: RtcFactory; readonly clock: Clock };

export async function testServer(
  server: ServerEntry,
  { rtc, clock }: ProbePorts,
  signal: AbortSignal,
): Promise<ServerTestResult> {
  const startedMs = clock.now();
  const { credential, url, username } = server;
  let connection: RtcConnection;
  try {
    connection = await rtc.open({
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
    const heard = await listen(connection, clock, signal);
    const { answeredMs = clock.now(), publicAddress, relay } = heard;
    const told = { at: judge(url, heard), relay, tookMs: answeredMs - startedMs };
    return publicAddress === undefined ? told : { ...told, publicAddress };
  } finally {
    connection.close();
  }
}

type Heard = {
  answeredMs?: number;
  publicAddress?: string;
  relay: boolean;
  isRefused: boolean;
  /** Nothing more will come. */
  isDone: boolean;
  /** Ports that asked, and questions that failed. */
  bases: number;
  failures: number;
};

function listen(connection: RtcConnection, clock: Clock, signal: AbortSignal): Promise<Heard> {
  const heard: Heard = { relay: false, isRefused: false, isDone: false, bases: 0, failures: 0 };
  return new Promise((resolve) => {
    // While the connection was being made.
    if (signal.aborted) {
      resolve(heard);
      return;
    }
    signal.addEventListener('abort', () => resolve(heard), { once: true });
    connection.addEventListener('icecandidateerror', ({ errorCode }) => {
      heard.isRefused ||= errorCode === unauthorizedCode;
      heard.failures += 1;
    });
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate === null) {
        heard.isDone = true;
        return resolve(heard);
      }
      if (candidate.type === 'host') heard.bases += 1;
      if (candidate.type !== 'srflx' && candidate.type !== 'relay') return undefined;
      heard.answeredMs ??= clock.now();
      if (candidate.type === 'relay') heard.relay = true;
      else heard.publicAddress ??= bareAddress(candidate.address ?? '');
      return undefined;
    });
    connection.createDataChannel('test');
    connection.setLocalDescription().catch(() => resolve(heard));
  });
}

function judge(url: string, { answeredMs, bases, failures, isDone, isRefused, relay }: Heard): ServerTestResult['at'] {
  // A TURN server tells anybody their address; the password shows only when a relay is asked for.
  if (isRefused && !relay) return 'refused';
  // The browser says nothing of an answer that names the very address it asked from: then it is only done, and well.
  const isPublic = /^stun:/i.test(url) && isDone && failures < bases;
  return answeredMs !== undefined || isPublic ? 'reached' : 'silent';
}

/** Chromium writes IPv6 in brackets here and nowhere else. */
export function bareAddress(address: string): string {
  return address.replace(/^\[|\]$/g, '');
}
