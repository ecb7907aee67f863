// Electron's ports as a page and its Workers see them. A message that was posted with a transferred ArrayBuffer arrives as
// null: Electron's deserialiser never takes transferred buffers (shell/common/v8_util.cc). Ports may be transferred. Its text
// goes in front of the preload and of every Worker's script, so it imports nothing.

export const lostMessage = 'standin-lost';

export function loseTransferredBuffers(): void {
  const { prototype } = MessagePort;
  const post = prototype.postMessage as (this: MessagePort, message: unknown, transfer: Transferable[]) => void;
  prototype.postMessage = function (
    this: MessagePort,
    message: unknown,
    given: Transferable[] | { transfer?: Transferable[] } = [],
  ) {
    const transfer = Array.isArray(given) ? given : (given.transfer ?? []);
    const buffers = transfer.filter((item) => item instanceof ArrayBuffer);
    if (buffers.length === 0) return post.call(this, message, transfer);
    structuredClone(null, { transfer: buffers });
    return post.call(this, lostMessage, []);
  };
}
