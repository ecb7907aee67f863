// `scp` over loopback, to an ssh server of the bench's own: what people compare a transfer on one network with. Where no ssh is
// installed there is nothing to compare.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../tests/e2e/instance.ts';
import { warmMemory } from './warm-memory.ts';

const sshd = '/usr/sbin/sshd';

export interface SecureCopy {
  megabytesPerSecond(file: string, bytes: number): Promise<number>;
  close(): void;
}

export async function openSecureCopy(): Promise<SecureCopy | undefined> {
  if (!existsSync(sshd)) return undefined;
  const folder = temporaryFolder('bench-ssh');
  const [hostKey, userKey] = ['host', 'user'].map((name) => path.join(folder, name)) as [string, string];
  for (const key of [hostKey, userKey]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const authorized = path.join(folder, 'authorized');
  writeFileSync(authorized, execFileSync('ssh-keygen', ['-y', '-f', userKey]), { mode: 0o600 });
  const config = path.join(folder, 'sshd_config');
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'UsePAM no',
    `PidFile ${path.join(folder, 'pid')}`,
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  // Where its child gives up its rights.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(sshd, ['-D', '-e', '-f', config], { stdio: 'ignore' });
  await sleep(500);
  return {
    megabytesPerSecond: (file, bytes) => copyOnce({ folder, userKey, port }, file, bytes),
    close: () => end(server),
  };
}

async function copyOnce(
  { folder, userKey, port }: { readonly folder: string; readonly userKey: string; readonly port: number },
  file: string,
  bytes: number,
): Promise<number> {
  const target = path.join(folder, 'copied.bin');
  rmSync(target, { force: true });
  warmMemory(bytes);
  const startedAt = performance.now();
  const options = [
    '-q',
    '-i',
    userKey,
    '-P',
    String(port),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ];
  execFileSync('scp', [...options, file, `${userInfo().username}@127.0.0.1:${target}`]);
  // Tincan is done when the bytes are on the disk.
  execFileSync('sync', [target]);
  return bytes / 1000 / (performance.now() - startedAt);
}

function end(server: ChildProcess): void {
  server.kill();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
