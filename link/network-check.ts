// The network check: asks every server in the list by itself what it sees, then those that answered all from one port,
// and calls this computer at its own public address. Contacts nobody but those servers and itself; the judging is
// in link/network-kind.ts.

import type { NetworkView } from '../shared/model/network-view.ts';
import { readServerUrl, type ServerEntry, type ServerUrl } from '../shared/model/server-entry.ts';
import { callSelfMs, networkEyesMax, networkSettleMs, serverAnswerMs } from '../shared/wire/limits.ts';
import { withDeadline } from './deadline.ts';
import { judgeNetwork, type SeenPort } from './network-kind.ts';
import type { RtcConnection, RtcIceServer } from './rtc.ts';
import { bareAddress, type ProbePorts, testServer } from './server-test.ts';

export type NetworkCheckPorts = ProbePorts & {
  /** Whether the browser knows of any network at all. */
  isOnline(): boolean;
};

export async function checkNetwork(
  servers: readonly ServerEntry[],
  ports: NetworkCheckPorts,
  signal: AbortSignal,
): Promise<NetworkView> {
  const { clock } = ports;
  const tests = await Promise.all(
    servers.map(async (server) => {
      const result = await withDeadline({ clock, ms: serverAnswerMs, signal }, (stop) =>
        testServer(server, ports, stop),
      );
      return { ...result, url: readServerUrl(server.url) as ServerUrl };
    }),
  );
  signal.throwIfAborted();
  // A relay that is reached over UDP reports what it sees to anybody, as STUN does.
  const asked = tests.filter(({ url }) => url.over === 'udp');
  const eyes = asked.filter(({ publicAddress }) => publicAddress !== undefined).slice(0, networkEyesMax);
  const iceServers = eyes.map(({ url }) => ({ urls: `stun:${url.host}:${url.port}` }));
  const [{ hosts, seen }, calledSelf] = await Promise.all([
    gatherFromOnePort(iceServers, ports, signal),
    iceServers.length === 0 ? undefined : callSelf(iceServers, ports, signal),
  ]);
  return judgeNetwork({
    // Chromium goes on gathering the addresses of a network that is gone; that it is offline it knows at once.
    hosts: ports.isOnline() ? hosts : [],
    seen,
    calledSelf,
    asked: asked.map(({ url, at, publicAddress }) => ({
      host: url.host,
      answered: at === 'reached' || publicAddress !== undefined,
      ...(publicAddress === undefined ? {} : { sawAddress: publicAddress }),
    })),
    relays: tests.filter(({ relay }) => relay).map(({ url }) => url.over),
  });
}

type Gathered = { readonly hosts: readonly string[]; readonly seen: readonly SeenPort[] };

/** Every server named here answered a moment ago. The browser leaves out what a second one saw if it is the same. */
async function gatherFromOnePort(
  iceServers: readonly RtcIceServer[],
  { rtc, clock }: ProbePorts,
  signal: AbortSignal,
): Promise<Gathered> {
  const connection = await rtc.open({ iceServers });
  const timers = new Set<() => void>();
  const hosts: string[] = [];
  const seen: SeenPort[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      // While the connection was being made.
      if (signal.aborted) {
        resolve();
        return;
      }
      signal.addEventListener('abort', () => resolve(), { once: true });
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate === null) return resolve();
        if (candidate.protocol !== 'udp' || candidate.address === null) return undefined;
        const address = bareAddress(candidate.address);
        if (candidate.type === 'host') hosts.push(address);
        if (candidate.type !== 'srflx') return undefined;
        const { foundation, port, relatedPort } = candidate;
        seen.push({ base: `${foundation} ${relatedPort}`, address, port: port ?? 0 });
        // Networks that lead nowhere (bridges of virtual machines) keep the gathering open for most of a minute.
        timers.add(clock.after(networkSettleMs, resolve));
        return undefined;
      });
      connection.createDataChannel('check');
      connection.setLocalDescription().catch(reject);
      // Without a network the gathering may never end.
      timers.add(clock.after(iceServers.length === 0 ? networkSettleMs : serverAnswerMs, resolve));
    });
  } finally {
    for (const cancel of timers) cancel();
    connection.close();
  }
  return { hosts, seen };
}

/** Two connections of this page that know nothing of each other but the public address. */
async function callSelf(
  iceServers: readonly RtcIceServer[],
  { rtc, clock }: ProbePorts,
  signal: AbortSignal,
): Promise<boolean> {
  const caller = await rtc.open({ iceServers });
  try {
    const called = await rtc.open({ iceServers });
    try {
      return await withDeadline({ clock, ms: callSelfMs, signal }, (stop) => connectBoth(caller, called, stop));
    } finally {
      called.close();
    }
  } finally {
    caller.close();
  }
}

function connectBoth(caller: RtcConnection, called: RtcConnection, stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    stop.addEventListener('abort', () => resolve(false), { once: true });
    for (const [one, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      one.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.type === 'srflx') void other.addIceCandidate(candidate).catch(reject);
      });
      one.addEventListener('iceconnectionstatechange', () => {
        if (one.iceConnectionState === 'connected' || one.iceConnectionState === 'completed') resolve(true);
      });
    }
    caller.createDataChannel('call');
    introduce(caller, called).catch(reject);
  });
}

/** The side that is introduced last tells its candidates last: both must know the other's description by then. */
async function introduce(caller: RtcConnection, called: RtcConnection): Promise<void> {
  const offer = await caller.createOffer();
  await called.setRemoteDescription(offer);
  const answer = await called.createAnswer();
  await caller.setLocalDescription(offer);
  await caller.setRemoteDescription(answer);
  await called.setLocalDescription(answer);
}
