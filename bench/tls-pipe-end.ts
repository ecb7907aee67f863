// One end of the bare TLS pipe (see tls-pipe.ts), as a process of its own.

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { makeLaneCertificate } from '../host/direct/certificate.ts';

export type FromPipeEnd =
  | { readonly is: 'listening'; readonly port: number }
  | { readonly is: 'done'; readonly cpuSeconds: number };

const blockBytes = 1 << 20;
const tunedPieceBytes = 128 * 1024;
const [role, kind, file = '', bytesText, portText] = process.argv.slice(2);
const isTuned = kind === 'tuned';
const totalBytes = Number(bytesText);
const { keyPem: key, certificatePem: cert } = await makeLaneCertificate(Date.now());

if (role === 'receive') receive();
else send();

function receive(): void {
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, (socket) => {
    server.close();
    write(socket);
  });
  server.listen(0, '127.0.0.1', () => tell({ is: 'listening', port: (server.address() as AddressInfo).port }));
}

function write(socket: TLSSocket): void {
  const target = openSync(file, 'w');
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  let written = 0;
  const flush = () => {
    createHash('sha256').update(block.subarray(0, filled)).digest();
    writeSync(target, block, 0, filled, written);
    written += filled;
    filled = 0;
  };
  socket.on('data', (chunk) => {
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = Math.min(blockBytes - filled, chunk.byteLength - at);
      chunk.copy(block, filled, at, at + taken);
      filled += taken;
      at += taken;
      if (filled === blockBytes || written + filled === totalBytes) flush();
    }
    // Left to the collector, these pieces of 16 KiB keep it busy.
    if (isTuned) chunk.buffer.transfer(0);
    if (written < totalBytes) return;
    fsyncSync(target);
    closeSync(target);
    socket.end('done');
    finish();
  });
}

function send(): void {
  const source = openSync(file, 'r');
  const options = { host: '127.0.0.1', port: Number(portText), rejectUnauthorized: false };
  const socket = connect(options, () => {
    (isTuned ? sendTuned : sendAll)(socket, source).catch(() => socket.destroy());
  });
  // The other end says so when everything is on its disk.
  socket.once('data', () => {
    socket.end();
    finish();
  });
}

async function sendAll(socket: TLSSocket, source: number): Promise<void> {
  for (let at = 0; at < totalBytes; at += blockBytes) {
    const block = Buffer.allocUnsafeSlow(Math.min(blockBytes, totalBytes - at));
    readSync(source, block, 0, block.byteLength, at);
    createHash('sha256').update(block).digest();
    if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve));
  }
}

/** One block of memory for all, in pieces that still are in the processor's cache when the system copies what was encrypted. */
async function sendTuned(socket: TLSSocket, source: number): Promise<void> {
  const memory = Buffer.allocUnsafeSlow(blockBytes);
  for (let at = 0; at < totalBytes; at += blockBytes) {
    const block = memory.subarray(0, Math.min(blockBytes, totalBytes - at));
    readSync(source, block, 0, block.byteLength, at);
    createHash('sha256').update(block).digest();
    for (let from = 0; from < block.byteLength; from += tunedPieceBytes) {
      await new Promise((resolve) => socket.write(block.subarray(from, from + tunedPieceBytes), resolve));
    }
  }
}

function finish(): void {
  const { user, system } = process.cpuUsage();
  tell({ is: 'done', cpuSeconds: (user + system) / 1e6 });
  process.disconnect();
}

function tell(message: FromPipeEnd): void {
  process.send?.(message);
}
