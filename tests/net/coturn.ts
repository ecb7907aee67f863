// A real coturn in a namespace, with a user and a certificate of its own making.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const turnUser = { username: 'anna', credential: 'a good secret' } as const;

export type Coturn = {
  /** What a Chromium must be started with to take the server's certificate for a real one. */
  readonly trust: string;
  close(): void;
};

/** Why there can be no coturn here, or nothing. */
export function whyNoCoturn(): string | undefined {
  if (spawnSync('turnserver', ['--version']).error) return 'coturn is not installed';
  return spawnSync('openssl', ['version']).error ? 'openssl is not installed' : undefined;
}

/** It relays from the first address, for which its certificate is, and answers at all of them. */
export async function startCoturn(namespace: string, addresses: readonly [string, ...string[]]): Promise<Coturn> {
  const [address] = addresses;
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-coturn-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name)) as [string, string];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const named = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`];
  execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', certificate], { stdio: 'ignore' });

  const places = [...addresses.flatMap((each) => ['--listening-ip', each]), '--relay-ip', address];
  const users = ['--lt-cred-mech', '--realm', 'tincan', '--user', `${turnUser.username}:${turnUser.credential}`];
  const files = ['--pidfile', path.join(folder, 'pid'), '--userdb', path.join(folder, 'db')];
  const secure = ['--cert', certificate, '--pkey', key, '--no-dtls'];
  const rest = ['-n', '--no-cli', '--log-file', 'stdout'];
  const child = spawn(
    'ip',
    ['netns', 'exec', namespace, 'turnserver', ...places, ...users, ...files, ...secure, ...rest],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await untilReady(child);
  return {
    trust: `--ignore-certificate-errors-spki-list=${keyHash(certificate)}`,
    close() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function untilReady(coturn: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    coturn.stdout?.on('data', (chunk) => {
      said += String(chunk);
      if (/DB connection success/.test(said)) resolve();
    });
    coturn.once('exit', () => reject(new Error(`coturn ended: ${said}`)));
  });
}

function keyHash(certificate: string): string {
  const { publicKey } = new X509Certificate(readFileSync(certificate));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
