// Electron's ports transfer nothing but ports: a buffer in the list arrives as null (electron#34905). So what is given away is
// copied, and let go of after that.

import { describe, expect, it } from 'vitest';
import { openPagePort } from '../../../electron/page-port.ts';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import type { RpcPort } from '../../../shared/ipc/rpc.ts';

const large = 256 * 1024;

/** Delivers what Electron's ports would: a copy, with null in the place of what was transferred. */
function recording() {
  const arrived: unknown[] = [];
  const port = {
    addEventListener: () => undefined,
    on: () => undefined,
    start: () => undefined,
    close: () => undefined,
    postMessage(message: object, transfer: readonly unknown[] = []) {
      arrived.push(transfer.length > 0 ? null : structuredClone(message));
    },
  };
  return { arrived, port };
}

const sides: Readonly<Record<string, (port: unknown) => RpcPort>> = {
  'the page': (port) => portFromMessagePort(port as MessagePort, 'process'),
  'the host': (port) => openPagePort(port as Electron.MessagePortMain),
};

describe.each(Object.entries(sides))('%s', (_side, open) => {
  it('posts blocks whole to the other process, and keeps none of their memory', () => {
    const { arrived, port } = recording();
    const block = new Uint8Array(large).fill(7);
    open(port).post({ block }, [block.buffer]);
    expect(arrived).toEqual([{ block: new Uint8Array(large).fill(7) }]);
    expect(block.byteLength).toBe(0);
  });
});

it('between threads, blocks move', async () => {
  const { port1, port2 } = new MessageChannel();
  const block = new Uint8Array(large).fill(7);
  const got = new Promise((resolve) => port2.addEventListener('message', ({ data }) => resolve(data)));
  port2.start();
  portFromMessagePort(port1).post({ block }, [block.buffer]);
  expect(block.byteLength).toBe(0);
  expect(await got).toEqual({ block: new Uint8Array(large).fill(7) });
  port1.close();
  port2.close();
});
