// What a test file leaves behind, run by vitest as every test file is: no temporary file, and no process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** It ends what it started when its process ends, as the helpers of our tests do. What it started stays connected as long as it runs. */
const careless = `
  import { spawn } from 'node:child_process';
  import { once } from 'node:events';
  import { mkdtempSync, writeFileSync } from 'node:fs';
  import { tmpdir } from 'node:os';
  import { it } from 'vitest';
  it('passes', async () => {
    writeFileSync(mkdtempSync(tmpdir() + '/left-') + '/file', 'x');
    const program = "require('node:net').connect(" + process.env.PORT + ", '127.0.0.1', () => console.log('connected'))";
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    process.once('exit', () => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
  });
`;

it.skipIf(process.platform === 'win32')('a test file leaves neither temporary files nor processes behind', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'careless-'));
  const temporary = path.join(folder, 'temporary');
  mkdirSync(temporary);
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'careless.test.mjs'), careless);
  const test = { setupFiles: [path.join(root, 'tests/nothing-left.ts')] };
  writeFileSync(path.join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify({ test })};`);

  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const ended = new Promise((resolve) => {
    server.once('connection', (socket) =>
      socket
        .resume()
        .once('close', resolve)
        .on('error', () => undefined),
    );
  });
  const { port } = server.address() as AddressInfo;
  const vitest = spawn(process.execPath, [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run'], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: temporary, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(await once(vitest, 'exit')).toEqual([0, null]);
  expect(readdirSync(temporary)).toEqual([]);
  await ended;
});
