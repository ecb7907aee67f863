// The page of the bridge bench: moves blocks over the engine role as the engine does, so many calls at a time.

import { openEngineTransport } from '../../renderer/bridge/engine-transport.ts';
import { openBridge } from '../../renderer/bridge/open-bridge.ts';
import type { EngineCalls, EngineEvents } from '../../shared/ipc/contract.ts';
import { openRpcClient } from '../../shared/ipc/rpc.ts';
import { blockBytes, creditMaxBlocks } from '../../shared/wire/limits.ts';

declare global {
  interface Window {
    /** Megabytes per second. */
    measure(what: 'read' | 'write', blocks: number): Promise<number>;
  }
}

const { engine: way } = await openBridge();
const engine = openRpcClient<EngineCalls, EngineEvents>(openEngineTransport(way));
const transfer = '0'.repeat(32);
const hash = new Uint8Array(32);

const run = {
  read: async (block: number): Promise<void> => {
    const { bytes } = await engine.call('send.read', { transfer, block });
    if (bytes.byteLength !== blockBytes) throw new Error('short block');
  },
  write: async (block: number): Promise<void> => {
    const parts = Array.from({ length: 4 }, () => new Uint8Array(blockBytes / 4));
    await engine.call(
      'receive.write',
      { transfer, block, parts, hash },
      parts.map(({ buffer }) => buffer),
    );
  },
};

window.measure = async (what, blocks) => {
  let next = 0;
  const from = performance.now();
  const worker = async (): Promise<void> => {
    while (next < blocks) await run[what](next++);
  };
  await Promise.all(Array.from({ length: creditMaxBlocks }, worker));
  return (blocks * blockBytes) / 1000 / (performance.now() - from);
};
