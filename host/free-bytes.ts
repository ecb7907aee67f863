// Memory that is given back at once instead of by the collector. V8 counts what lies outside its heap and walks the whole
// heap every few megabytes of it: blocks left to the collector cost a fifth of the processor time that a host needs to move
// them. Whoever calls this owns the bytes alone, and nobody looks at them again.

/** What is smaller may share its memory with others, and is not worth the call. */
const ownMinBytes = 64 * 1024;

export function freeBytes(bytes: Uint8Array<ArrayBuffer>): void {
  const { buffer } = bytes;
  if (bytes.byteLength >= ownMinBytes && bytes.byteLength === buffer.byteLength) buffer.transfer(0);
}
