// A stretch of bad network: a UDP relay with delay and loss. Each real address gets a port here; a page sends to that
// port and the relay passes the packet on from the port that stands for the sender, so both ends see only the relay.
// Packets leave in order of arrival; loss is drawn per packet and per direction.

import { createSocket, type Socket } from 'node:dgram';

export type RelayOptions = { readonly oneWayMs: number; readonly lossFraction: number };

export type UdpRelay = {
  /** The port on 127.0.0.1-reachable `address` that stands for the given real address. */
  standIn(address: string, port: number): Promise<number>;
  readonly counts: { passed: number; lost: number };
  close(): void;
};

type Waiting = { readonly dueAt: number; readonly go: () => void };

export function openUdpRelay(options: RelayOptions): UdpRelay {
  const sockets = new Map<string, Promise<Socket>>();
  const counts = { passed: 0, lost: 0 };
  const queue: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function standFor(address: string, port: number): Promise<Socket> {
    const key = `${address} ${port}`;
    let opening = sockets.get(key);
    if (opening === undefined) {
      opening = openFor(address, port);
      sockets.set(key, opening);
    }
    return opening;
  }

  function openFor(address: string, port: number): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
    socket.on('message', (packet, from) => {
      if (closed) return;
      if (Math.random() < options.lossFraction) {
        counts.lost += 1;
        return;
      }
      queue.push({
        dueAt: performance.now() + options.oneWayMs,
        go: () => {
          void standFor(from.address, from.port).then((sender) => {
            if (!closed) sender.send(packet, port, address);
          });
        },
      });
      schedule();
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, address, () => resolve(socket));
    });
  }

  function schedule(): void {
    if (timer !== undefined || queue.length === 0) return;
    timer = setTimeout(flush, Math.max(0, queue[0]!.dueAt - performance.now()));
  }

  function flush(): void {
    timer = undefined;
    const now = performance.now() + 0.5;
    let ready = 0;
    while (ready < queue.length && queue[ready]!.dueAt <= now) ready += 1;
    for (const { go } of queue.splice(0, ready)) go();
    counts.passed += ready;
    schedule();
  }

  return {
    counts,
    standIn: async (address, port) => (await standFor(address, port)).address().port,
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const opening of sockets.values()) void opening.then((socket) => socket.close());
      sockets.clear();
    },
  };
}

/**
 * Runs in the page before any script: every remote candidate is replaced by the relay's port that stands for it,
 * whether it comes in a description or alone. `__standIn` is the relay, exposed by the driver.
 */
export function detourScript(): void {
  const standIn = (globalThis as unknown as { __standIn(address: string, port: number): Promise<number> }).__standIn;
  const pattern = /(candidate:\S+ \d+ udp \d+ )(\d+\.\d+\.\d+\.\d+) (\d+)( typ)/gi;
  const others = /a=candidate:\S+ \d+ (?:tcp .*|udp \d+ \S*:.*)\r\n/gi;
  const detour = async (whole: string): Promise<string> => {
    const text = whole.replace(others, '');
    const found = [...text.matchAll(pattern)];
    const ports = await Promise.all(found.map((match) => standIn(match[2]!, Number(match[3]))));
    let at = 0;
    return text.replace(pattern, (_all, head, address, _port, tail) => `${head}${address} ${ports[at++]}${tail}`);
  };
  const prototype = RTCPeerConnection.prototype;
  type Method<Input> = (this: RTCPeerConnection, input?: Input) => Promise<void>;
  const setRemote = prototype.setRemoteDescription as Method<RTCSessionDescriptionInit>;
  const addCandidate = prototype.addIceCandidate as Method<RTCIceCandidateInit>;
  prototype.setRemoteDescription = async function (description) {
    const sdp = await detour(description.sdp ?? '');
    return setRemote.call(this, { type: description.type, sdp });
  };
  prototype.addIceCandidate = async function (candidate?: RTCIceCandidateInit | null) {
    if (!candidate?.candidate) return addCandidate.call(this, candidate ?? undefined);
    if (candidate.candidate.search(pattern) < 0) return undefined;
    const plain: RTCIceCandidateInit = {
      candidate: await detour(candidate.candidate),
      sdpMid: candidate.sdpMid ?? null,
      sdpMLineIndex: candidate.sdpMLineIndex ?? null,
    };
    return addCandidate.call(this, plain);
  };
}
