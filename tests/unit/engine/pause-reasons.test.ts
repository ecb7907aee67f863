// Why a receiver waits, as it tells a sender: the folder that is gone and files that cannot be put in place have words of their own,
// for a peer that knows them. A peer of an earlier version hears that somebody paused it.

import { describe, expect, it, vi } from 'vitest';
import { parseControl } from '../../../shared/wire/control.ts';
import {
  frame,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  offeredBy,
  received,
  refused,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const knows = { ...hello, features: ['pause-reasons'] };

/** Our side receives, and its folder is gone. */
async function away(greeting: unknown): Promise<ScriptedPeer> {
  const peer = linkPeer(true);
  peer.side.disk.isAway = true;
  sendTo(peer, greeting, offer, manifest);
  await received(peer, 'accept');
  peer.lane.post(frame(0, 3000, 0, 7, true), 0);
  await peer.side.until(() => peer.side.view()?.pause === 'disk');
  return peer;
}

describe('a sender whose receiver waits', () => {
  it.each([
    ['that knows the reasons', knows, 'folder'],
    ['of an earlier version', hello, 'person'],
  ] as const)('%s hears %s', async (_which, greeting, why) => {
    const peer = await away(greeting);
    expect(await received(peer, 'pause')).toEqual({ type: 'pause', transfer: id, why });
    peer.side.disk.isAway = false;
    peer.side.engine.command({ do: 'resume', transfer: id });
    const resumes = () => peer.messages.filter(({ type }) => type === 'resume');
    await peer.side.until(() => peer.side.view()?.pause === undefined);
    await settle();
    expect(resumes().at(-1)).toEqual({ type: 'resume', transfer: id, why });
    peer.side.engine.close();
  });
});

describe('a person who cancels and may still take that back', () => {
  const ours = [{ path: ['a'], bytes: new Uint8Array(5_000_000) }];

  it.each([
    ['that knows the reasons', knows, 'cancel'],
    ['of an earlier version', hello, 'person'],
  ] as const)(
    'is told of to a receiver %s as %s, also over another attempt, until it goes on',
    async (_which, greeting, why) => {
      const peer = linkPeer(true);
      const { transfer, tag } = await offeredBy(peer, ours, greeting);
      const accept = { type: 'accept', transfer, tag, all: true, credit: 1 };
      sendTo(peer, accept);
      await peer.side.until(() => peer.side.view()?.state === 'sending');
      peer.side.engine.command({ do: 'pause', transfer, why: 'cancel' });
      expect(await received(peer, 'pause')).toEqual({ type: 'pause', transfer, why });
      peer.side.engine.command({ do: 'resume', transfer });
      expect(await received(peer, 'resume')).toEqual({ type: 'resume', transfer, why });
      peer.side.engine.close();
    },
  );

  it('is told of again with an accept', async () => {
    const peer = linkPeer(true);
    sendTo(peer, knows, offer, manifest);
    await received(peer, 'accept');
    peer.side.engine.command({ do: 'pause', transfer: id, why: 'cancel' });
    sendTo(peer, { type: 'continue', transfer: id, tag: 8 });
    const pauses = () => peer.messages.filter(({ type }) => type === 'pause');
    await vi.waitFor(() => expect(pauses()).toHaveLength(2));
    expect(pauses().at(-1)).toEqual({ type: 'pause', transfer: id, why: 'cancel' });
    peer.side.engine.close();
  });

  it.each(['send', 'receive'] as const)(
    'is shown on the other side (%s), and the last reason of a person stands',
    async (direction) => {
      const peer = linkPeer(true);
      let transfer = id;
      if (direction === 'send') {
        const offered = await offeredBy(peer, ours);
        transfer = offered.transfer;
        sendTo(peer, { type: 'accept', transfer, tag: offered.tag, all: true, credit: 1 });
      } else {
        sendTo(peer, hello, offer, manifest);
        await received(peer, 'accept');
      }
      const moving = direction === 'send' ? 'sending' : 'receiving';
      await peer.side.until(() => peer.side.view()?.state === moving);
      for (const [why, pause] of [
        ['cancel', 'cancelling'],
        ['person', 'peer'],
        ['cancel', 'cancelling'],
      ] as const) {
        sendTo(peer, { type: 'pause', transfer, why });
        await peer.side.until(() => peer.side.view()?.pause === pause);
      }
      sendTo(peer, { type: 'resume', transfer, why: 'person' });
      await peer.side.until(() => peer.side.view()?.state === moving);
      sendTo(peer, { type: 'pause', transfer, why: 'cancel' }, { type: 'cancel', transfer });
      await peer.side.until(() => peer.side.view()?.state === 'cancelled');
      expect(peer.side.view()?.pause).toBeUndefined();
      expect(peer.side.of('violation')).toEqual([]);
      peer.side.engine.close();
    },
  );
});

describe('our sender', () => {
  it.each([
    ['disk', 'disk-full'],
    ['folder', 'disk-gone'],
    ['publish', 'publish-waiting'],
  ])('that is told "%s" shows it, until it is told to resume', async (why, code) => {
    const peer = linkPeer(true);
    const { transfer, tag } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(5_000_000) }]);
    sendTo(peer, { type: 'accept', transfer, tag, all: true, credit: 1 }, { type: 'pause', transfer, why });
    await peer.side.until(() => peer.side.view()?.state === 'paused');
    expect(peer.side.view()).toMatchObject({ pause: 'disk', fault: { code } });
    sendTo(peer, { type: 'resume', transfer, why });
    await peer.side.until(() => peer.side.view()?.state === 'sending');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('ends the link with a peer that names a reason which there is not', async () => {
    const peer = linkPeer(true);
    const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(10) }]);
    sendTo(peer, { type: 'pause', transfer, why: 'weather' });
    await refused(peer);
  });
});

it.each(['folder ', 'FOLDER', '', 'place', null, ['folder']])('the reason %j is refused', (why) => {
  for (const type of ['pause', 'resume']) {
    expect(parseControl(JSON.stringify({ type, transfer: id, why })).is).toBe('refused');
  }
});
