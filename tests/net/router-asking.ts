// The process of router-process.ts in the home of Anna, asked line by line.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Homes } from './homes.ts';
import type { RouterOrder } from './router-process.ts';

export type Asking = {
  ask<T>(order: RouterOrder): Promise<T>;
  readonly process: ChildProcess;
};

/** `ways`: the protocols it may use, by commas. */
export function startAsking(homes: Homes, ways: string, leaseSeconds = 300): Asking {
  const script = fileURLToPath(new URL('./router-process.ts', import.meta.url));
  const order = ['netns', 'exec', homes.name('a'), process.execPath, script, ways, String(leaseSeconds)];
  const child = spawn('ip', order, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    async ask<T>(asked: RouterOrder) {
      child.stdin.write(`${JSON.stringify(asked)}\n`);
      const { value } = await lines.next();
      return JSON.parse(String(value)) as T;
    },
  };
}
