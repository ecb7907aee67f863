// What the host's socket reads is given back while messages still arrive whole, over a real connection.

import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { openSocketReads } from '../../browser/socket-reads.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function connect(take: (message: Uint8Array) => void): Promise<WebSocket> {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, stream, head) => {
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const reads = openSocketReads(stream, socket);
      socket.on('message', (data) => take(reads.keep(data as Buffer<ArrayBuffer>)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Masked with zeros, a message is sent from where it lies: what this end uses would hide what the other keeps.
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    generateMask: (mask) => mask.fill(0),
  });
  cleanups.push(() => {
    client.terminate();
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => client.once('open', resolve));
  return client;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Pieces of one message, each a frame of its own: Chromium cuts a large message like that. */
function sendCut(client: WebSocket, message: Uint8Array, frameBytes: number): void {
  for (let at = 0; at < message.byteLength; at += frameBytes) {
    const end = at + frameBytes;
    client.send(message.subarray(at, end), { binary: true, fin: end >= message.byteLength });
  }
}

it('keeps every message as it was, whatever its size and however it was cut, long after others came', async () => {
  const kept: Uint8Array[] = [];
  let count = 0;
  let all = () => {};
  const heard = new Promise<void>((resolve) => {
    all = resolve;
  });
  const sizes = [1, 40, 4096, 65_000, 65_522, 65_536, 70_000, 131_000, 262_144, 1_048_576];
  const sent = Array.from({ length: 200 }, (_, at) => randomBytes(sizes[at % sizes.length]!));
  const client = await connect((message) => {
    kept.push(message);
    count += 1;
    if (count === sent.length) all();
  });
  for (const [at, message] of sent.entries()) {
    if (at % 3 === 0) client.send(message);
    else sendCut(client, message, at % 3 === 1 ? 65_536 : 131_000);
  }
  await heard;
  expect(kept.map(digest)).toEqual(sent.map(digest));
});

it('keeps a message that is exactly one read', async () => {
  const stream = new PassThrough();
  const socket = new EventEmitter();
  const reads = openSocketReads(stream, socket as unknown as WebSocket);
  const kept: Uint8Array[] = [];
  socket.on('message', (message: Buffer<ArrayBuffer>) => kept.push(reads.keep(message)));
  const sent = [1, 2, 3].map(() => new Uint8Array(randomBytes(5000)));
  for (const bytes of sent) {
    // As a receiver does when a frame's head came alone: what was read next is the message.
    stream.once('data', (read) => socket.emit('message', read));
    stream.write(Buffer.from(Uint8Array.from(bytes).buffer));
    await new Promise(setImmediate);
  }
  expect(kept.map(digest)).toEqual(sent.map(digest));
});

it('does not leave what was read to the collector', async () => {
  const count = 400;
  const messageBytes = 262_144;
  let highest = 0;
  let heard = 0;
  let all = () => {};
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const client = await connect((message) => {
    // What the messages themselves lie in is their owner's to give back.
    (message.buffer as ArrayBuffer).transfer(0);
    highest = Math.max(highest, process.memoryUsage().arrayBuffers);
    heard += 1;
    if (heard === count) all();
  });
  const message = Buffer.alloc(messageBytes, 7);
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < count; at += 1) {
    await new Promise<void>((resolve) => {
      client.send(message, () => resolve());
    });
  }
  await done;
  expect(highest - before).toBeLessThan(count * messageBytes * 0.05);
});
