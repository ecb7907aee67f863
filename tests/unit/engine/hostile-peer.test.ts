// A peer that follows no protocol, against the real engine. Every row: one violation, nothing published.

import { describe, expect, it } from 'vitest';
import { controlOver, laneOver, wirePair } from './engine-pair.ts';
import { entries, frame, hello, id, linkPeer, manifest, offer, refused, sendTo, settle } from './scripted-peer.ts';

describe('before the confirmation', () => {
  it.each([
    ['offer', offer],
    ['accept', { type: 'accept', transfer: id, tag: 1, all: true, credit: 1 }],
    ['text', { type: 'text', part: 0, last: true, text: 'x' }],
  ])('refuses %s (A14, C3)', async (_name, message) => {
    const peer = linkPeer(false);
    sendTo(peer, message);
    await refused(peer);
    expect(peer.side.of('text')).toEqual([]);
  });

  it('refuses bytes (F10)', async () => {
    const peer = linkPeer(false);
    peer.lane.post(frame(0, 2000), 0);
    await refused(peer);
  });
});

describe('control', () => {
  const rows: readonly [string, readonly unknown[]][] = [
    ['an unknown type (C2)', [{ type: 'nonsense' }]],
    ['an accept of nothing (C3)', [{ type: 'accept', transfer: id, tag: 1, all: true, credit: 1 }]],
    [
      'a complete before accept (F14)',
      [offer, manifest, { type: 'complete', transfer: id, tag: 7, root: '00'.repeat(32) }],
    ],
    ['an offer twice (A8, A13)', [offer, manifest, offer, manifest, offer]],
    ['a manifest part out of order (A5)', [offer, { ...manifest, part: 1 }]],
    ['deep nesting (A6, C6)', ['['.repeat(50_000)]],
    ['a message beyond the bound (C6)', [`"${'x'.repeat(70_000)}"`]],
    ['a forbidden key (A7)', ['{"type":"ping","n":1,"__proto__":{}}']],
    ['a number that is none (C6)', ['{"type":"ping","n":1e999}']],
    ['bytes on control (F9)', [new Uint8Array(20)]],
    ['a flood (C1)', Array.from({ length: 1500 }, () => ({ type: 'pong', n: 1 }))],
    ['hello twice (C3)', [hello]],
    ['stored for no transfer (S6)', [{ type: 'stored', transfer: id, tag: 1, ranges: [[0, 1]], credit: 1 }]],
    ['nonsense credit (S5)', [{ type: 'accept', transfer: id, tag: 1, all: true, credit: -1 }]],
  ];
  it.each(rows)('refuses %s', async (_name, messages) => {
    const peer = linkPeer(true);
    sendTo(peer, hello, ...messages);
    await refused(peer);
  });

  it('names another version instead of guessing (C4)', async () => {
    const peer = linkPeer(true);
    sendTo(peer, { ...hello, version: 999 });
    await refused(peer);
    expect(peer.side.of('violation')[0]!.fault.code).toBe('link-version');
  });

  it('ignores a message marked optional (C2)', async () => {
    const peer = linkPeer(true);
    sendTo(peer, hello, { type: 'x-later', what: 1 }, { type: 'text', part: 0, last: true, text: 'hi' });
    await peer.side.until(() => peer.side.of('text').length > 0);
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });
});

describe('a manifest that cannot be believed', () => {
  const bad = [-1, 1.5, '12', 2 ** 53, null].map((size) => [String(size), [{ ...entries[0], size }]] as const);
  it.each([
    ...bad,
    ['another total (A2)', [{ ...entries[0], size: 2999 }]],
    ['a symlink (A9)', [{ ...entries[0], kind: 'symlink' }]],
  ] as const)('is no offer: %s (A1)', async (_name, list) => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello, offer, { ...manifest, entries: list });
    await peer.side.reached('declined');
    expect(peer.side.of('offer')).toEqual([]);
    expect(peer.side.view()!.fault?.code).toBe('manifest-invalid');
    peer.side.engine.close();
  });
});

describe('frames', () => {
  const rows: readonly [string, readonly (Uint8Array<ArrayBuffer> | string)[]][] = [
    ['shorter than a header (F1)', [new Uint8Array(8)]],
    ['of an unknown kind (F2)', [new Uint8Array(2000).fill(255)]],
    ['of no transfer (F3, F18)', [frame(0, 2000, 0, 8)]],
    ['with a gap (F4)', [frame(10, 2000)]],
    ['played twice (F4)', [frame(0, 1500), frame(0, 1500)]],
    ['past the end (F5)', [frame(0, 4000)]],
    ['of a block that does not exist (F5)', [frame(0, 2000, 1)]],
    ['without payload (F6)', [frame(0, 0)]],
    ['too large (F7)', [new Uint8Array(300_000)]],
    ['as text (F9)', ['hello']],
    ['of one byte each (F16)', [frame(0, 1)]],
    ['ending before their block does (F14)', [frame(0, 2000, 0, 7, true)]],
  ];
  it.each(rows)('refuses frames %s', async (_name, frames) => {
    const peer = linkPeer(true);
    sendTo(peer, hello, offer, manifest);
    await peer.side.reached('receiving');
    for (const one of frames) peer.lane.post(one, 0);
    await refused(peer);
    expect(peer.side.disk.written).toBe(0);
  });
});

describe('bytes of a connection that is not the link', () => {
  it.each([
    ['a frame of no transfer', frame(0, 2000)],
    ['nonsense', new Uint8Array(40)],
    ['text', 'text'],
  ])('cost that connection its channel, and the link nothing: %s', async (_name, bytes) => {
    const peer = linkPeer(true);
    sendTo(peer, hello);
    const { side } = peer;
    await side.until(() => side.of('peer-name').length > 0);
    // Of somebody whose code was taken while the link was down.
    const [ours] = wirePair<string | Uint8Array<ArrayBuffer>>();
    const [ourLane, lane] = wirePair<Uint8Array<ArrayBuffer> | string>();
    side.engine.addControl(2, controlOver(ours));
    side.engine.addLane(2, laneOver(ourLane));
    lane.post(bytes, 0);
    await side.until(() => side.of('channel-closed').length > 0);
    expect(side.of('channel-closed')).toEqual([{ is: 'channel-closed', connection: 2, role: 'bulk' }]);
    expect(side.of('violation')).toEqual([]);
    side.engine.close();
  });

  it('cost the next link nothing where the one before is still there for a moment (C18)', async () => {
    const peer = linkPeer(true);
    const { side } = peer;
    side.engine.command({ do: 'end', say: 'bye' });
    const [ours] = wirePair<string | Uint8Array<ArrayBuffer>>();
    side.engine.addControl(2, controlOver(ours));
    const binding = new Uint8Array(32);
    side.engine.command({ do: 'adopt', connection: 2, maxMessageBytes: 262_144, binding, fresh: true });
    peer.lane.post(frame(0, 2000), 0);
    await settle();
    expect([side.of('violation'), side.of('channel-closed')]).toEqual([[], []]);
    side.engine.close();
  });
});
