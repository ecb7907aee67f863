// A peer that would have the other side dial places of its choice, as a program of its own (it may live in another network
// namespace): takes the invite in its first argument, writes its reply, confirms the digits unseen, and after "go" on its input
// names other addresses and ports in every way that the control channel has.

import { createInterface } from 'node:readline';
import { ProtocolClient } from './client.ts';

/** By docs/PROTOCOL.md one more ends the link. */
const directPlacesMax = 4;

const [invite = '', subnet = ''] = process.argv.slice(2);
const fingerprint = 'ab'.repeat(32);
const client = new ProtocolClient('Mallory', ['direct-lane']);
const tell = (line: string) => process.stdout.write(`${line}\n`);

tell(await client.reply(invite));
await client.digits;
client.confirm();
await client.opened;
tell('open');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'ports' || line === 'often')
    for (let at = 0; at < (line === 'ports' ? directPlacesMax : 100); at += 1)
      client.sendRaw({ type: 'direct', fingerprint, port: 40_000 + at });
  if (line === 'unknown')
    for (let at = 0; at < 100; at += 1)
      client.sendRaw({ type: 'x-direct', fingerprint, address: `${subnet}.${100 + at}`, port: 40_000 + at });
  if (line === 'address') client.sendRaw({ type: 'direct', fingerprint, port: 40_000, address: `${subnet}.99` });
  if (line === 'low') client.sendRaw({ type: 'direct', fingerprint, port: 22 });
  tell(`sent ${line}`);
}
client.close();
process.exit(0);
