// What is given back, and what is left because others lie in the same memory.

import { expect, it, vi } from 'vitest';
import { releaseBytes } from '../../../host/release-bytes.ts';
import { call } from '../../../shared/ipc/calls.ts';
import { type RpcPort, serveRpc } from '../../../shared/ipc/rpc.ts';
import { z } from '../../../shared/model/schema.ts';

it('gives back bytes that fill their memory, whatever their size', () => {
  for (const size of [1, 5000, 131_056, 1 << 20]) {
    const bytes = new Uint8Array(size);
    releaseBytes(bytes);
    expect(bytes.byteLength).toBe(0);
  }
});

it('gives back a large message with the piece of it that was used', () => {
  const message = new Uint8Array(131_072);
  releaseBytes(message.subarray(16));
  expect(message.byteLength).toBe(0);
});

it('leaves small bytes that lie beside others', () => {
  const [first, second] = [Buffer.from('first'), Buffer.from('second')];
  expect(first.buffer).toBe(second.buffer);
  releaseBytes(first);
  expect([String(first), String(second)]).toEqual(['first', 'second']);
});

it('transfers with an answer only buffers that hold nothing else', async () => {
  const shared = Buffer.from('small');
  const own = new Uint8Array(5000);
  const posted: (readonly ArrayBuffer[] | undefined)[] = [];
  let ask: (message: unknown) => void = () => undefined;
  const port: RpcPort = {
    post: (_message, transfer) => void posted.push(transfer),
    onMessage(listener) {
      ask = listener;
      return () => undefined;
    },
    onClose: () => () => undefined,
    close: () => undefined,
  };
  const calls = { take: call(z.strictObject({})).returns<{ shared: Uint8Array; own: Uint8Array }>() };
  serveRpc(port, { calls, handlers: { take: () => Promise.resolve({ shared, own }) } });
  ask({ is: 'call', id: 1, name: 'take', input: {} });
  await vi.waitFor(() => expect(posted).toEqual([[own.buffer]]));
});
