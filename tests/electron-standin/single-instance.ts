// The lock of one running app for each data folder, between real processes. A second launch hands over its command line as
// Chromium makes it: switches first, values torn from them, switches of Chromium's own. `additionalData` arrives as it was.

import { rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';

export type Launch = { readonly argv: readonly string[]; readonly cwd: string; readonly data: unknown };
type Claim = { readonly isFirst: true; release(): void } | { readonly isFirst: false; readonly told: Promise<void> };

export function claimLock(dir: string, data: unknown, onSecond: (launch: Launch) => void): Claim {
  const socketPath = path.join(dir, 'standin.sock');
  try {
    writeFileSync(path.join(dir, 'standin.lock'), String(process.pid), { flag: 'wx' });
  } catch {
    return { isFirst: false, told: tell(socketPath, { argv: reorder(process.argv), cwd: process.cwd(), data }) };
  }
  rmSync(socketPath, { force: true });
  const server = createServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('end', () => {
      onSecond(JSON.parse(text) as Launch);
      socket.end();
    });
  });
  server.listen(socketPath);
  const unlock = () => rmSync(path.join(dir, 'standin.lock'), { force: true });
  process.once('exit', unlock);
  return {
    isFirst: true,
    // Whoever comes now finds nobody, and is the first itself.
    release() {
      process.off('exit', unlock);
      server.close();
      rmSync(socketPath, { force: true });
      unlock();
    },
  };
}

function tell(socketPath: string, launch: Launch): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.end(JSON.stringify(launch)));
    socket.on('close', () => resolve());
    socket.on('error', reject);
    socket.resume();
  });
}

function reorder([program, ...args]: readonly string[]): string[] {
  const isSwitch = (arg: string) => arg.startsWith('-') && arg !== '--';
  const added = ['--allow-file-access-from-files', '--original-process-start-time=13408124412'];
  return [program!, ...args.filter(isSwitch), ...added, ...args.filter((arg) => !isSwitch(arg))];
}
