// Whoever said `bye` leaves the channel open until it was heard: what the other side still says meanwhile is for nobody.

import { expect, it } from 'vitest';
import { controlHeldMax } from '../../../shared/wire/limits.ts';
import { hello, linkPeer, sendTo, settle } from './scripted-peer.ts';

it('a channel on which the bye is on its way stays open, however much comes on it', async () => {
  const peer = linkPeer(true);
  sendTo(peer, hello);
  await settle();
  peer.side.engine.command({ do: 'end', say: 'bye' });
  sendTo(peer, ...Array.from({ length: controlHeldMax + 6 }, (_, n) => ({ type: 'ping', n })));
  await settle();
  expect(peer.control.isOpen).toBe(true);
  peer.side.engine.close();
});
