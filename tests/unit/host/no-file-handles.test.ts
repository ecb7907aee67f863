// A host that has no file handle left for a moment goes on: what it wants to know of the system it asks again later.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

const script = `
import { closeSync, openSync } from 'node:fs';
import { addressesByNetwork } from './host/lan/own-addresses.ts';
import { discoveryInterfaces } from './host/lan/discovery-group.ts';
import { defaultGatewayV6 } from './host/router/default-gateway-v6.ts';
import { watchMachine } from './host/watch-machine.ts';

const said = [];
watchMachine({ networkChanged: (why) => said.push(why) });
const before = JSON.stringify([addressesByNetwork(), discoveryInterfaces()]);
const held = [];
try {
  for (;;) held.push(openSync('/dev/null'));
} catch (error) {
  said.push(error.code);
}
const route = '00000000000000000000000000000000 00 0 00 fe800000000000000000000000000001 00000001 0 0 0 lo';
await defaultGatewayV6('linux', { readText: async () => route });
said.push(JSON.stringify([addressesByNetwork(), discoveryInterfaces()]) === before);
await new Promise((resolve) => setTimeout(resolve, 2_500));
for (const each of held) closeSync(each);
console.log(JSON.stringify(said));
process.exit(0);
`;

it.runIf(process.platform === 'linux')(
  'knows its networks as it knew them last',
  async () => {
    const limited = ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const { stdout } = await promisify(execFile)('sh', limited, { cwd: root });
    expect(JSON.parse(stdout)).toEqual(['EMFILE', true]);
  },
  20_000,
);
