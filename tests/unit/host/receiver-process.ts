// A process to be killed: receives one transfer (arguments: a folder, the offer, what to do with names that exist), going on
// with whatever an earlier run left, and leaves `delivered` once it was told that everything is published.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openHost } from '../../../host/open-host.ts';
import type { ConflictPolicy } from '../../../shared/ipc/views.ts';
import { type Incoming, openQuietServices, prepare, writeBlock } from './receive-steps.ts';

const [where = '', script = '', conflict = 'keep-both'] = process.argv.slice(2);
const offer: Incoming = {
  ...(JSON.parse(readFileSync(script, 'utf8')) as Incoming),
  content: readFileSync(path.join(path.dirname(script), 'content')),
};
const host = await openHost({
  dataDir: path.join(where, 'data'),
  downloadDir: path.join(where, 'downloads'),
  version: '0',
  services: openQuietServices(async (file) => {
    mkdirSync(path.join(where, 'trash'), { recursive: true });
    renameSync(file, path.join(where, 'trash', path.basename(file)));
  }),
});
const { transfer } = offer;
process.send?.('begun');
const kept = await host.engine['unfinished.claims']({});
const held = new Set<number>();
if (kept.some(({ id }) => id === transfer)) {
  await host.engine['receive.reopen']({ transfer });
  const { have } = await host.engine['receive.start']({ transfer, leaveOut: [] });
  for (const [from, to] of have) for (let block = from; block < to; block += 1) held.add(block);
} else await prepare(host, offer, conflict as ConflictPolicy);
for (let block = 0; block < offer.blocks; block += 1) if (!held.has(block)) await writeBlock(host, offer, block);
await host.engine['receive.commit']({ transfer, root: offer.root });
writeFileSync(path.join(where, 'delivered'), '');
await host.engine['receive.close']({ transfer, keep: false });
await host.close();
process.disconnect?.();
