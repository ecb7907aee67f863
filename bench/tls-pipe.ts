// A bare TLS pipe doing the same disk work as a transfer over the direct lane, and nothing else: one process reads, hashes and
// sends, one receives, hashes, writes and syncs. What Tincan's direct lane is measured against.

import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { temporaryFolder } from '../tests/e2e/instance.ts';
import type { FromPipeEnd } from './tls-pipe-end.ts';
import { warmMemory } from './warm-memory.ts';

export type PipeResult = { readonly megabytesPerSecond: number; readonly cpuSecondsPerGiB: number };

/** `tuned`: what is known to make it cheaper; `plain`: as anybody would write it. */
export type PipeKind = 'plain' | 'tuned';

export async function tlsPipe(file: string, bytes: number, kind: PipeKind = 'plain'): Promise<PipeResult> {
  const target = path.join(temporaryFolder('bench-pipe'), 'received.bin');
  const receiver = startEnd(['receive', kind, target, String(bytes)]);
  const { port } = await next(receiver, 'listening');
  warmMemory(bytes);
  const startedAt = performance.now();
  const sender = startEnd(['send', kind, file, String(bytes), String(port)]);
  const [received, sent] = await Promise.all([next(receiver, 'done'), next(sender, 'done')]);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    cpuSecondsPerGiB: (received.cpuSeconds + sent.cpuSeconds) / (bytes / 2 ** 30),
  };
}

function startEnd(args: readonly string[]): ChildProcess {
  return fork(path.join(import.meta.dirname, 'tls-pipe-end.ts'), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function next<K extends FromPipeEnd['is']>(child: ChildProcess, is: K): Promise<Extract<FromPipeEnd, { is: K }>> {
  return new Promise((resolve, reject) => {
    child.on('message', (message: FromPipeEnd) => {
      if (message.is === is) resolve(message as Extract<FromPipeEnd, { is: K }>);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`one end of the bare TLS pipe ended with ${code}`));
    });
  });
}
