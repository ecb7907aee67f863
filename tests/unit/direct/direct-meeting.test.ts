// Real sockets, real TLS: two hosts meet on loopback, and strangers do not get in.

import { createHash, randomBytes } from 'node:crypto';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openBlockMemory } from '../../../host/block-memory.ts';
import { type LaneCertificate, makeLaneCertificate } from '../../../host/direct/certificate.ts';
import { openDirectStream } from '../../../host/direct/direct-stream.ts';
import type { DirectBlock } from '../../../host/direct/frame-reader.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { Clock } from '../../../shared/model/clock.ts';
import { encodeBlockHead, encodeLaneHead } from '../../../shared/wire/direct-frame.ts';
import {
  blockBytes,
  directCandidatesMax,
  directHandshakesMax,
  directHandshakesPerAddressMax,
} from '../../../shared/wire/limits.ts';
import { type MeetingSide, openSide, tell } from './hosts-meet.ts';

const open: MeetingSide[] = [];
const side = async () => {
  const one = await openSide();
  open.push(one);
  return one;
};
afterEach(() => {
  for (const { meeting } of open.splice(0)) meeting.close();
});

const hashOf = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

async function met(): Promise<readonly [MeetingSide, MeetingSide]> {
  const [a, b] = [await side(), await side()];
  tell(a, b);
  tell(b, a);
  await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([1, 1]));
  return [a, b];
}

describe('two hosts that were told of each other', () => {
  it('agree on one connection, and blocks go both ways', async () => {
    const [a, b] = await met();
    const bytes = new Uint8Array(blockBytes).map((_, at) => at % 251);
    expect(await a.lanes[0]!.send({ attempt: 7, block: 3 }, bytes.slice(), hashOf(bytes))).toBe(true);
    expect(await b.lanes[0]!.send({ attempt: 8, block: 4 }, bytes.slice(0, 1), hashOf(bytes))).toBe(true);
    await vi.waitFor(() => expect([a.blocks.length, b.blocks.length]).toEqual([1, 1]));
    expect(b.blocks[0]).toMatchObject({ attempt: 7, block: 3 });
    expect(Buffer.from(bytes).equals(b.blocks[0]!.bytes)).toBe(true);
    expect(a.blocks[0]).toMatchObject({ attempt: 8, block: 4 });
  });

  it('call nobody any more once one of them ended it', async () => {
    const [a, b] = [await side(), await side()];
    const called: string[] = [];
    const listenFor = async (who: string) => {
      const server = createServer((socket) => {
        called.push(who);
        socket.destroy();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      return { there: { fingerprint: b.certificate.fingerprint, address: '127.0.0.1', port }, server };
    };
    const [ended, open] = [await listenFor('ended'), await listenFor('open')];
    a.meeting.close();
    a.meeting.meet(ended.there);
    b.meeting.meet(open.there);
    await vi.waitFor(() => expect(called).toContain('open'));
    expect(called).toEqual(['open']);
    for (const { server } of [ended, open]) server.close();
  });

  it('meet when only one of them can be dialled', async () => {
    const [a, b] = [await side(), await side()];
    tell(a, b);
    b.meeting.meet({ fingerprint: a.certificate.fingerprint, address: '127.0.0.1', port: await closedPort() });
    await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([1, 1]));
  });

  it('meet when one of them knows no address of the other', async () => {
    const [a, b] = [await side(), await side()];
    tell(a, b);
    b.meeting.meet({ fingerprint: a.certificate.fingerprint, port: a.meeting.port });
    await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([1, 1]));
    expect([a.blocked, b.blocked]).toEqual([[], []]);
  });

  it('say that both firewalls may be the reason where a dial reaches nothing and nothing comes', async () => {
    const [a, b] = [await side(), await side()];
    a.meeting.meet({ fingerprint: b.certificate.fingerprint, address: '127.0.0.1', port: await closedPort() });
    await vi.waitFor(() => expect(a.blocked).toEqual(['both']));
  });

  it('say that the other firewall may be the reason where something comes from there', async () => {
    const [a, b] = [await side(), await side()];
    const there = { fingerprint: b.certificate.fingerprint, address: '127.0.0.1', port: await closedPort() };
    a.meeting.meet(there);
    await vi.waitFor(() => expect(a.blocked).toEqual(['both']));
    const caller = connectTcp(a.meeting.port, '127.0.0.1');
    await new Promise((resolve) => caller.once('connect', resolve));
    a.meeting.meet(there);
    await vi.waitFor(() => expect(a.blocked).toEqual(['both', 'there']));
    caller.destroy();
  });

  it('meet when one learns of the other only after it was dialled', async () => {
    const [a, b] = [await side(), await side()];
    tell(a, b);
    await vi.waitFor(() => expect(a.lanes.length + b.lanes.length).toBeLessThan(2));
    await new Promise((resolve) => setImmediate(resolve));
    tell(b, a);
    await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([1, 1]));
  });

  it('hear at once that the lane is lost, and meet again', async () => {
    const [a, b] = await met();
    a.lanes[0]!.close();
    await vi.waitFor(() => expect([a.lost.length, b.lost.length]).toEqual([1, 1]));
    tell(a, b);
    await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([2, 2]));
  });

  it('close the lane when the other breaks the rules', async () => {
    const [a, b] = await met();
    const bytes = new Uint8Array(blockBytes + 1);
    await a.lanes[0]!.send({ attempt: 1, block: 0 }, bytes, hashOf(bytes));
    await vi.waitFor(() => expect(b.lost).toEqual(['a block of impossible length']));
    expect(b.blocks).toEqual([]);
  });

  it('take no more from the socket than can be written', async () => {
    const [a, b] = await met();
    let open = 0;
    let most = 0;
    const release: (() => void)[] = [];
    b.onBlock = () => {
      open += 1;
      most = Math.max(most, open);
      return new Promise((resolve) => {
        release.push(() => {
          open -= 1;
          resolve();
        });
      });
    };
    const bytes = new Uint8Array(blockBytes);
    const all = Array.from({ length: 40 }, (_, block) =>
      a.lanes[0]!.send({ attempt: 1, block }, bytes.slice(), hashOf(bytes)),
    );
    await vi.waitFor(() => expect(open).toBeGreaterThan(2), { timeout: 10_000 });
    while (b.blocks.length < 40) {
      for (const one of release.splice(0)) one();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const one of release.splice(0)) one();
    expect((await Promise.all(all)).every((isSent) => isSent)).toBe(true);
    // One read of the socket may hold the ends of two blocks.
    expect(most).toBeLessThanOrEqual(8);
  });
});

describe('a stranger', () => {
  it('with another certificate gets nothing, and the two still meet', async () => {
    const [a, b] = [await side(), await side()];
    tell(a, b);
    const stranger = await makeLaneCertificate(Date.now());
    const socket = connect({
      host: '127.0.0.1',
      port: a.meeting.port,
      key: stranger.keyPem,
      cert: stranger.certificatePem,
      rejectUnauthorized: false,
    });
    const heard: Buffer[] = [];
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('error', () => undefined);
    socket.write(encodeLaneHead());
    socket.write(encodeBlockHead({ attempt: 1, block: 0, length: 4 }, new Uint8Array(32)));
    await new Promise((resolve) => socket.on('close', resolve));
    expect(heard).toEqual([]);
    expect(a.blocks).toEqual([]);
    tell(b, a);
    await vi.waitFor(() => expect([a.lanes.length, b.lanes.length]).toEqual([1, 1]));
  });

  it('without a certificate, or with an older TLS, is closed', async () => {
    const a = await side();
    const b = await side();
    tell(a, b);
    for (const options of [{}, { maxVersion: 'TLSv1.2' as const }]) {
      const socket = connect({ host: '127.0.0.1', port: a.meeting.port, rejectUnauthorized: false, ...options });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    expect(a.lanes).toEqual([]);
  });

  it('who opens many connections and says nothing holds only a few', async () => {
    const a = await side();
    let refused = 0;
    const sockets = Array.from({ length: 20 }, () => connectTcp(a.meeting.port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        refused += 1;
      });
    }
    await vi.waitFor(() => expect(refused).toBeGreaterThanOrEqual(20 - directHandshakesMax));
    for (const socket of sockets) socket.destroy();
  });

  it.runIf(process.platform === 'linux')(
    'who comes from one port to two addresses of ours is held no longer than its time',
    async () => {
      const due: (() => void)[] = [];
      let closed = 0;
      const a = await openSide((_ms, run) => {
        due.push(run);
        return () => {
          closed += 1;
        };
      });
      open.push(a);
      const from = { port: a.meeting.port, localAddress: '127.0.0.3', localPort: await closedPort() };
      const [first, second] = [connectTcp({ ...from, host: '127.0.0.1' }), connectTcp({ ...from, host: '127.0.0.2' })];
      for (const socket of [first, second]) socket.on('error', () => undefined);
      await vi.waitFor(() => expect(due).toHaveLength(2));
      second.destroy();
      await vi.waitFor(() => expect(closed).toBe(1));
      for (const run of due) run();
      await vi.waitFor(() => expect(first.destroyed).toBe(true));
    },
  );

  it('who listens where the other host was dialled learns nothing and is not made the lane', async () => {
    const [a, b] = [await side(), await side()];
    const heard: Buffer[] = [];
    const trap = createServer((socket) => {
      socket.on('data', (chunk) => heard.push(chunk));
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const { port } = trap.address() as { port: number };
    a.meeting.meet({ fingerprint: b.certificate.fingerprint, address: '127.0.0.1', port });
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0));
    expect(a.lanes).toEqual([]);
    trap.close();
  });
});

describe('a peer that never says which connection is the lane', () => {
  /** Connections that prove to be the peer, of the side that decides: one after the other, as many as it likes. */
  async function connectMany(
    to: MeetingSide,
    peer: LaneCertificate,
    count: number,
  ): Promise<{ readonly open: number }> {
    const counted = { open: 0 };
    for (let nth = 0; nth < count; nth += 1) {
      const { keyPem: key, certificatePem: cert } = peer;
      const socket = connect({ host: '127.0.0.1', port: to.meeting.port, key, cert, rejectUnauthorized: false });
      counted.open += 1;
      strangers.push(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        counted.open -= 1;
      });
      await new Promise((resolve) => socket.once('secureConnect', resolve).once('close', resolve));
    }
    return counted;
  }
  const strangers: Socket[] = [];
  afterEach(() => {
    for (const socket of strangers.splice(0)) socket.destroy();
  });

  async function decided(after?: Clock['after']) {
    const here = await openSide(after);
    open.push(here);
    for (;;) {
      const peer = await makeLaneCertificate(Date.now());
      if (peer.fingerprint > here.certificate.fingerprint) continue;
      here.meeting.meet({ fingerprint: peer.fingerprint, port: 1024 });
      return { here, peer };
    }
  }

  it('holds a few, and each no longer than its time', async () => {
    const due: (() => void)[] = [];
    const { here, peer } = await decided((_ms, run) => {
      due.push(run);
      return () => undefined;
    });
    const counted = await connectMany(here, peer, 20);
    await vi.waitFor(() => expect(counted.open).toBeLessThanOrEqual(directCandidatesMax));
    expect(counted.open).toBeGreaterThan(0);
    for (const run of due) run();
    await vi.waitFor(() => expect(counted.open).toBe(0));
  });

  it('and comes before we were told of it holds as few as a stranger, and as long', async () => {
    const due: (() => void)[] = [];
    const here = await openSide((_ms, run) => {
      due.push(run);
      return () => undefined;
    });
    open.push(here);
    const counted = await connectMany(here, await makeLaneCertificate(Date.now()), 20);
    await vi.waitFor(() => expect(counted.open).toBe(directHandshakesPerAddressMax));
    for (const run of due) run();
    await vi.waitFor(() => expect(counted.open).toBe(0));
  });

  it('keeps a lane that was chosen in time', async () => {
    const due: (() => void)[] = [];
    const { here, peer } = await decided((_ms, run) => {
      due.push(run);
      return () => undefined;
    });
    const counted = await connectMany(here, peer, 1);
    (strangers[0] as Socket).write(encodeLaneHead());
    await vi.waitFor(() => expect(here.lanes).toHaveLength(1));
    for (const run of due) run();
    await new Promise((resolve) => setImmediate(resolve));
    expect([counted.open, here.lost]).toEqual([1, []]);
  });
});

it('a block in a great many small pieces is kept as one, and is what was sent', async () => {
  const socket = new PassThrough();
  const blocks: DirectBlock[] = [];
  openDirectStream(socket, openBlockMemory(systemClock), {
    chosen: () => undefined,
    block: async (arrived) => void blocks.push(arrived),
    closed: () => undefined,
  });
  const bytes = randomBytes(100_000);
  const head = encodeBlockHead({ attempt: 1, block: 2, length: bytes.length }, hashOf(bytes));
  const sent = Buffer.concat([head, bytes]);
  for (let at = 0; at < sent.length; at += 7) socket.write(sent.subarray(at, at + 7));
  await vi.waitFor(() => expect(blocks).toHaveLength(1));
  expect(bytes.equals(blocks[0]!.bytes)).toBe(true);
});

it('F19 a small block takes no more memory than it is large', async () => {
  const socket = new PassThrough();
  const taken: number[] = [];
  openDirectStream(socket, openBlockMemory(systemClock), {
    chosen: () => undefined,
    block: async ({ bytes }) => void taken.push(bytes.buffer.byteLength),
    closed: () => undefined,
  });
  const head = encodeBlockHead({ attempt: 1, block: 2, length: 1 }, hashOf(Uint8Array.of(1)));
  socket.write(Buffer.concat(Array.from({ length: 300 }, () => Buffer.concat([head, Uint8Array.of(1)]))));
  await vi.waitFor(() => expect(taken).toHaveLength(300));
  expect(taken.reduce((sum, bytes) => sum + bytes)).toBeLessThan(1_000);
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
