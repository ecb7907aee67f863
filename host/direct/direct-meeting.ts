// Two hosts meet for one link: both listen, both dial the one address that the link uses, and each takes only the certificate
// that the other told over the link. The side with the smaller fingerprint chooses the connection that is the lane, the other agrees,
// and all others close.
// Says nothing to strangers beyond what TLS itself says, and hears nothing from them.

import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../../shared/model/clock.ts';
import type { FirewallAt } from '../../shared/model/transfer.ts';
import {
  directCandidatesMax,
  directHandshakeMs,
  directHandshakesMax,
  directHandshakesPerAddressMax,
  directKeepAliveMs,
} from '../../shared/wire/limits.ts';
import type { BlockMemory } from '../block-memory.ts';
import type { LaneCertificate } from './certificate.ts';
import { type DirectStream, openDirectStream } from './direct-stream.ts';
import type { DirectBlock } from './frame-reader.ts';

export type MeetingPeer = {
  readonly fingerprint: string;
  /** Without it the other side can only be let in. */
  readonly address?: string | undefined;
  readonly port: number;
};

export type MeetingEvents = {
  /** Once, unless the lane that was made is lost and the two meet again. */
  readonly lane: (stream: DirectStream) => void;
  readonly block: (arrived: DirectBlock) => Promise<void>;
  readonly lost: (refused: string | undefined) => void;
  /** Its port was dialled in vain; `both` where nothing came from there either. */
  readonly blocked: (at: FirewallAt) => void;
};

export interface DirectMeeting {
  readonly port: number;
  /** Dials, and lets in whoever comes with that certificate. Called again after a change of network. */
  meet(peer: MeetingPeer): void;
  close(): void;
}

const tlsOptions = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false } as const;

export type MeetingParts = {
  readonly certificate: LaneCertificate;
  readonly after: Clock['after'];
  readonly memory: BlockMemory;
};

export async function openMeeting(
  { certificate, after, memory }: MeetingParts,
  events: MeetingEvents,
): Promise<DirectMeeting> {
  const { keyPem: key, certificatePem: cert } = certificate;
  const connections = new Set<TLSSocket>();
  /** By the addresses and ports of both ends: not proven yet, or by nobody that we were told of. */
  const pending = new Map<string, Socket>();
  /** Proven by TLS before we were told whom to expect: the two messages crossed. They are pending as long as that. */
  const early = new Set<TLSSocket>();
  let peer: MeetingPeer | undefined;
  let lane: DirectStream | undefined;
  /** Of the side that decides: told to the other, and not yet agreed to. */
  let choice: DirectStream | undefined;
  let dialing: TLSSocket | undefined;
  /** Something came from the peer's address: our own firewall lets it in. */
  let hasHeard = false;
  let isClosed = false;

  const server = createServer({ ...tlsOptions, key, cert, requestCert: true });
  server.on('connection', (socket: Socket) => {
    if (peer?.address !== undefined && addressOf(socket) === peer.address) hasHeard = true;
    const fromThere = [...pending.values()].filter((each) => each.remoteAddress === socket.remoteAddress).length;
    if (pending.size >= directHandshakesMax || fromThere >= directHandshakesPerAddressMax || lane !== undefined) {
      socket.destroy();
      return;
    }
    const ends = endsOf(socket);
    pending.set(ends, socket);
    const isPending = () => pending.get(ends) === socket;
    const cancel = after(directHandshakeMs, () => {
      if (isPending()) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      cancel();
      if (isPending()) pending.delete(ends);
    });
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (peer !== undefined) admit(socket);
    else {
      early.add(socket);
      socket.once('close', () => early.delete(socket));
    }
  });

  // Both families; a machine without IPv6 has only the other.
  await listen(server, '::').catch(() => listen(server, '0.0.0.0'));

  function admit(socket: TLSSocket): void {
    early.delete(socket);
    if (isClosed || peer === undefined || fingerprintOf(socket) !== peer.fingerprint) {
      socket.destroy();
      return;
    }
    pending.delete(endsOf(socket));
    // Whoever knows the certificate is the peer, and may still open connections without end and never choose one.
    if (connections.size >= directCandidatesMax) {
      socket.destroy();
      return;
    }
    connections.add(socket);
    socket.setNoDelay(true);
    // The side that only receives never learns from a write of its own that the way is gone.
    socket.setKeepAlive(true, directKeepAliveMs);
    const isDecider = certificate.fingerprint < peer.fingerprint;
    const cancel = after(directHandshakeMs, () => {
      if (lane !== stream) socket.destroy();
    });
    const stream: DirectStream = openDirectStream(socket, memory, {
      chosen() {
        if (lane !== undefined || (isDecider && choice !== stream)) {
          socket.destroy();
          return;
        }
        if (!isDecider) stream.choose();
        take(stream, socket);
      },
      async block(arrived) {
        if (lane === stream) await events.block(arrived);
        else socket.destroy();
      },
      closed(refused) {
        cancel();
        connections.delete(socket);
        if (choice === stream) choice = undefined;
        if (lane !== stream) return;
        lane = undefined;
        events.lost(refused);
      },
    });
    if (!isDecider) return;
    if (choice === undefined) {
      choice = stream;
      stream.choose();
    } else socket.destroy();
  }

  function take(stream: DirectStream, socket: TLSSocket): void {
    lane = stream;
    for (const other of connections) if (other !== socket) other.destroy();
    events.lane(stream);
  }

  function dial(address: string, port: number): void {
    const socket = connect({ ...tlsOptions, key, cert, host: address, port });
    let hasReached = false;
    dialing = socket;
    const cancel = after(directHandshakeMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.once('connect', () => {
      hasReached = true;
    });
    socket.once('close', () => {
      cancel();
      const isGivenUp = isClosed || dialing !== socket;
      if (!hasReached && !isGivenUp && lane === undefined) events.blocked(hasHeard ? 'there' : 'both');
    });
    socket.once('secureConnect', () => {
      cancel();
      admit(socket);
    });
  }

  return {
    port: (server.address() as AddressInfo).port,
    meet(next) {
      if (isClosed) return;
      if (next.address !== peer?.address) hasHeard = false;
      peer = next;
      for (const socket of early) admit(socket);
      if (lane !== undefined) return;
      const before = dialing;
      dialing = undefined;
      before?.destroy();
      if (next.address !== undefined) dial(next.address, next.port);
    },
    close() {
      isClosed = true;
      server.close();
      dialing?.destroy();
      for (const socket of [...connections, ...early, ...pending.values()]) socket.destroy();
    },
  };
}

function fingerprintOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** As the link names it: an IPv4 address that comes in over a socket of both families looks like one of IPv6. */
function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}

/** The raw socket and the TLS socket above it have this in common. A stranger may come from one port to several addresses of ours. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function listen(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}
