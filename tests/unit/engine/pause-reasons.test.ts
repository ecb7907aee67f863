// Why a receiver waits, as it tells a sender: the folder that is gone and files that cannot be put in place have words of their own,
// for a peer that knows them. A peer of an earlier version hears that somebody paused it.

import { describe, expect, it } from 'vitest';
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
