// Looking for a computer that is given up before its requests are written.

import { createSocket } from 'node:dgram';
import { expect, it, vi } from 'vitest';
import { discoverPeer } from '../../../host/lan/discover-peer.ts';
import type { StoredPeer } from '../../../host/lan/remembered-store.ts';
import { readRequest, requestNames } from '../../../shared/lan/discovery.ts';
import { fromHex } from '../../../shared/model/bytes.ts';

const local = '127.0.0.1';
const [first, second] = ['ab'.repeat(32), 'cd'.repeat(32)];

it('one that is given up at once sends nothing', async () => {
  const neighbour = createSocket('udp4');
  const names: string[] = [];
  neighbour.on('message', (bytes) => names.push(readRequest(new Uint8Array(bytes))!.name));
  await new Promise<void>((resolve) => neighbour.bind(0, local, resolve));
  const look = (secret: string) =>
    discoverPeer({
      peer: {
        ...{ id: '0'.repeat(16), secret, name: 'Ada', addresses: [], seenAtMs: 0, blocked: false },
        side: 'inviter',
      } satisfies StoredPeer,
      invite: Uint8Array.of(1),
      place: { group: local, port: neighbour.address().port },
      interfaces: [local],
      nowMs: Date.now(),
      isReply: () => false,
    });
  const givenUp = look(first);
  givenUp.close();
  expect(await givenUp.done).toBeUndefined();
  // By the second request of the other one, the first of this one would be here.
  const other = look(second);
  await vi.waitFor(() => expect(names.length).toBeGreaterThanOrEqual(2));
  other.close();
  neighbour.close();
  const others = await requestNames(fromHex(second), 'inviter', Date.now());
  expect(names.filter((name) => !others.includes(name))).toEqual([]);
});
