// What is tried on the engine's socket, wherever it lives. Every try ends with what it heard.

import { openEngineTransport } from '../../../renderer/bridge/engine-transport.ts';
import type { SocketOrder } from '../../../renderer/bridge/host-socket.ts';
import type { EngineCalls, EngineEvents } from '../../../shared/ipc/contract.ts';
import { openRpcClient, type RpcClient } from '../../../shared/ipc/rpc.ts';
import { bridgeMaxPayloadBytes } from '../../../shared/wire/limits.ts';

type Engine = RpcClient<EngineCalls, EngineEvents>;
export type TryName = keyof typeof tries;

const transfer = '0'.repeat(32);

export const tries = {
  /** Reads blocks and gives each back in two parts; the first calls go out before there is a socket. */
  async move(order: SocketOrder): Promise<void> {
    const engine = open(order);
    await Promise.all(
      Array.from({ length: 8 }, async (_, block) => {
        const { bytes } = await engine.call('send.read', { transfer, block });
        await write(engine, block, [bytes.slice(0, 300_000), bytes.slice(300_000)]);
      }),
    );
    engine.close();
  },

  /** One more byte than the bridge carries. */
  async exceed(order: SocketOrder): Promise<string> {
    const engine = open(order);
    await engine.call('unfinished.claims', {});
    const fault = await faultOf(write(engine, 0, [new Uint8Array(bridgeMaxPayloadBytes + 1)]));
    await engine.call('unfinished.claims', {});
    return fault;
  },

  async intrude(order: SocketOrder): Promise<string> {
    return faultOf(open({ ...order, page: 'f'.repeat(32) }).call('unfinished.claims', {}));
  },

  /** A second socket takes the first one's place. */
  async replace(order: SocketOrder): Promise<number> {
    const first = open(order);
    await first.call('unfinished.claims', {});
    let told = 0;
    const closed = new Promise<void>((resolve) => {
      first.onClose(() => {
        told += 1;
        resolve();
      });
    });
    const second = open(order);
    await Promise.all([closed, second.call('unfinished.claims', {})]);
    first.close();
    second.close();
    return told;
  },

  /** The host never answers this one. */
  async wait(order: SocketOrder): Promise<string> {
    return faultOf(open(order).call('receive.room', { transfer }));
  },
};

function open(order: SocketOrder): Engine {
  return openRpcClient(openEngineTransport({ is: 'socket', order }));
}

function write(engine: Engine, block: number, parts: Uint8Array<ArrayBuffer>[]): Promise<unknown> {
  return engine.call(
    'receive.write',
    { transfer, block, parts, hash: new Uint8Array(32) },
    parts.map(({ buffer }) => buffer),
  );
}

async function faultOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (fault: { readonly code: string }) => fault.code,
  );
}
