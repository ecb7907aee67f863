// Memory that is given back at once instead of by the collector. V8 counts what lies outside its heap and walks the whole
// heap every few megabytes of it: blocks left to the collector cost a fifth of the processor time that a host needs to move
// them. Whoever calls this owns the bytes alone, and nobody looks at them again.

/** Pieces of something smaller may share it: Node cuts small buffers from one, or from what a socket read at a time. */
const ownMinBytes = 128 * 1024;

export function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if (buffer.byteLength === byteLength || buffer.byteLength >= ownMinBytes) buffer.transfer(0);
}
