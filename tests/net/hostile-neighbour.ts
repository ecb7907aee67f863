// A neighbour of two remembered computers who hears every request. He says each again from an address of his own, to both of
// them; sends it back to where it came from, as if it were an answer; answers with noise; and makes up requests. Run with:
// own-address group port target… Prints one line once he hears, then two a second: requests recorded, datagrams sent, datagrams that came back to him.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const [own = '', group = '', port = '', ...targets] = process.argv.slice(2);
const recorded = new Map<string, Buffer>();
let sent = 0;
let returned = 0;

const mouth = createSocket('udp4');
mouth.on('message', () => {
  returned += 1;
});
mouth.bind(0, own);

function say(bytes: Uint8Array, to: string, at = Number(port)): void {
  mouth.send(bytes, at, to, () => undefined);
  sent += 1;
}

const ear = createSocket({ type: 'udp4', reuseAddr: true });
ear.on('message', (bytes, from) => {
  if (from.address === own) return;
  const key = bytes.toString('hex');
  if (!recorded.has(key)) recorded.set(key, Buffer.from(bytes));
  say(bytes, from.address, from.port);
  say(randomBytes(bytes.length), from.address, from.port);
});
ear.bind(Number(port), () => {
  ear.addMembership(group, own);
  process.stdout.write('listening\n');
});

setInterval(() => {
  for (const target of targets) {
    for (const bytes of recorded.values()) say(bytes, target);
    say(randomBytes(360), target);
    // The name of a request that was heard, and then something else behind it.
    for (const bytes of recorded.values()) say(Buffer.concat([bytes.subarray(0, 8), randomBytes(352)]), target);
  }
}, 5);
setInterval(() => process.stdout.write(`${recorded.size} ${sent} ${returned}\n`), 500);
