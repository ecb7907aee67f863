// Reads a TLS socket straight into memory of ours. Node makes a buffer of its own for every 16 KiB that it decrypts; making, copying and
// collecting them costs a receiving host a quarter of its processor time. `tls.connect` has the option `onread` against that, and
// a connection that was accepted has not: Node takes the option only where it makes the TCP socket itself (lib/internal/tls/wrap.js). So this
// sets what that option sets (lib/net.js, `initSocketHandle`; docs/ELECTRON.md). Where a version of Node
// does not have it, and for any other stream, the bytes are copied.

import type { Duplex } from 'node:stream';
import { releaseBytes } from '../release-bytes.ts';

export interface Intake {
  /** Where the next bytes belong; never empty. Whoever is asked keeps this memory until it is asked again. */
  room(): Uint8Array<ArrayBuffer>;
  /** So many bytes lie there now. */
  came(count: number): void;
}

/** Begins to read after whoever calls this is done. Pausing and resuming are the socket's. */
export function readInto(socket: Duplex, intake: Intake): void {
  socket.on('data', (chunk: Buffer) => copyInto(intake, chunk));
  // Behind what came before anybody listened: that is told first.
  process.nextTick(() => readInPlace(socket, intake));
}

function copyInto(intake: Intake, chunk: Buffer): void {
  for (let at = 0; at < chunk.byteLength; ) {
    const room = intake.room();
    const count = chunk.copy(room, 0, at);
    intake.came(count);
    at += count;
  }
  // Left to the collector, these pieces keep it busy all the time.
  releaseBytes(chunk);
}

function readInPlace(socket: Duplex, intake: Intake): void {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return;
  const useUserBuffer: unknown = Reflect.get(handle, 'useUserBuffer');
  const [memory, next, onRead] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
    Object.getOwnPropertySymbols(socket).find(({ description }) => description === name),
  );
  if (typeof useUserBuffer !== 'function' || memory === undefined || next === undefined || onRead === undefined) return;
  const room = intake.room();
  Reflect.set(socket, memory, room);
  Reflect.set(socket, next, () => intake.room());
  Reflect.set(socket, onRead, (count: number) => intake.came(count));
  useUserBuffer.call(handle, room);
}
