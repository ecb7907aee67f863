// A neighbour who knows where an invite listens but not the invite: connects without end, says what comes to mind, reads
// what is said. Run with: address port source-address. Prints one line a hundred connections: how many, and bytes heard.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [host = '', port = '', localAddress = ''] = process.argv.slice(2);
let ended = 0;
let heard = 0;

function visit(): void {
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    heard += bytes.length;
  });
  socket.on('connect', () => socket.write(randomBytes(1 + Math.floor(Math.random() * 2_000))));
  socket.on('close', () => {
    ended += 1;
    if (ended % 100 === 0) process.stdout.write(`${ended} ${heard}\n`);
    setImmediate(visit);
  });
}

for (let at = 0; at < 20; at += 1) visit();
