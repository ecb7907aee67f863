// The real listener for discovery requests, to run on a machine of a test. Looks at its networks anew for every line that it reads, and
// says so.

import { createInterface } from 'node:readline';
import { discoveryGroup, discoveryInterfaces } from '../../host/lan/discovery-group.ts';
import { listenForRequests } from '../../host/lan/discovery-listener.ts';

const listener = listenForRequests({
  place: discoveryGroup,
  interfaces: () => discoveryInterfaces(),
  peers: () => [],
  onRequest: () => undefined,
  nowMs: Date.now,
  addressesIn: () => [],
});
const lines = createInterface(process.stdin);
lines.on('line', () => {
  listener.refresh();
  process.stdout.write('looked\n');
});
lines.on('close', () => listener.close());
