// A TCP connection as a pipe that is read in exact amounts, with a deadline over the whole of it. Nothing is buffered beyond
// what was asked for and the socket's own window. A connection that fails reads as nothing.

import type { Socket } from 'node:net';
import type { BytePipe } from '../../shared/lan/delivery.ts';

export function openSocketPipe(socket: Socket, deadlineMs: number): BytePipe & { close(): void } {
  const deadline = setTimeout(() => socket.destroy(), deadlineMs);
  const close = () => {
    clearTimeout(deadline);
    socket.destroy();
  };
  socket.setNoDelay(true);
  // A refused or broken connection ends in `close`, which is all that a reader needs to know.
  socket.on('error', close);
  socket.on('close', () => clearTimeout(deadline));

  return {
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    read: (byteCount) =>
      new Promise((resolve) => {
        const settle = (bytes: Uint8Array | undefined) => {
          socket.off('readable', look);
          socket.off('end', end);
          socket.off('close', end);
          resolve(bytes?.length === byteCount ? new Uint8Array(bytes) : undefined);
        };
        const look = () => {
          const bytes = socket.read(byteCount) as Buffer | null;
          if (bytes !== null) settle(bytes);
          else if (socket.destroyed || socket.readableEnded) settle(undefined);
        };
        const end = () => settle(undefined);
        socket.on('readable', look);
        socket.on('end', end);
        socket.on('close', end);
        look();
      }),
    close,
  };
}
