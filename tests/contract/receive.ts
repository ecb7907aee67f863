// Receives one file by the calls of the contract, up to the moment in which all of it is stored.

import { createHash, randomBytes } from 'node:crypto';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { RpcClient } from '../../shared/ipc/rpc.ts';
import { blockBytes } from '../../shared/wire/limits.ts';

type Ends = {
  readonly ui: RpcClient<UiCalls, UiEvents>;
  readonly engine: RpcClient<EngineCalls, EngineEvents>;
};

export async function receive({ ui, engine }: Ends, name: string, content: Buffer) {
  const transfer = randomBytes(16).toString('hex');
  await engine.call('receive.begin', { transfer, secret: hex32(), peerName: 'anna', checked: true });
  await engine.call('receive.entries', {
    transfer,
    entries: [{ kind: 'file', path: [name], size: content.length, mtimeMs: 0, executable: false }],
  });
  const { destination, manifestDigest } = await engine.call('receive.plan', { transfer });
  const asked = { selection: 'all', destination: destination.id, conflict: 'keep-both' } as const;
  await ui.call('offer.grant', { transfer, manifestDigest, ...asked });
  await engine.call('receive.start', { transfer, leaveOut: [] });
  const hashes: Buffer[] = [];
  for (let block = 0; block * blockBytes < content.length; block += 1) {
    const bytes = Uint8Array.from(content.subarray(block * blockBytes, (block + 1) * blockBytes));
    const hash = createHash('sha256').update(bytes).digest();
    hashes.push(hash);
    await engine.call('receive.write', { transfer, block, parts: [bytes], hash: Uint8Array.from(hash) }, [
      bytes.buffer,
    ]);
  }
  return { transfer, root: sha256(Buffer.concat(hashes)) };
}

export const hex32 = () => randomBytes(32).toString('hex');
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
