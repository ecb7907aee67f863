// `npm run dev`: the page from Vite's development server, hot, in front of a real host process. The server hands the
// page's sockets on to the host under the host's own name and origin, so the door is as strict as ever.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createServer, type ProxyOptions } from 'vite';
import { bridgePaths } from '../shared/ipc/bridge-protocol.ts';
import hostEnvironment from '../shared/model/host-environment.json' with { type: 'json' };

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const host = spawn(process.execPath, [path.join(root, 'browser/main.ts'), '--no-open', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, ...hostEnvironment },
});
host.once('exit', (code) => process.exit(code ?? 0));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => host.kill(signal));

const ready = await new Promise<URL>((resolve) => {
  createInterface({ input: host.stdout }).on('line', (line) => {
    const address = /^Tincan ready at (\S+)$/.exec(line)?.[1];
    if (address !== undefined) resolve(new URL(address));
  });
});
const toHost: ProxyOptions = { target: ready.origin, ws: true, changeOrigin: true, rewriteWsOrigin: true };
const server = await createServer({
  configFile: path.join(root, 'vite.config.ts'),
  server: {
    host: '127.0.0.1',
    // Whole paths only: the page's own sources live in folders of the same names.
    proxy: Object.fromEntries(Object.values(bridgePaths).map((door) => [`^${door}(?:\\?|$)`, toHost])),
  },
});
await server.listen();
console.log(`Tincan, hot: ${server.resolvedUrls?.local[0]}${ready.hash}`);
