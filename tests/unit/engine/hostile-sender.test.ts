// A peer that sends, and does it badly on purpose, against the real engine: manifests, blocks and endings.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import {
  askedReopensPerSecond,
  blockBytes,
  blockRetriesMax,
  bulkMessageMaxBytes,
  creditMaxBlocks,
  damagedBlocksMax,
  lateFramesMaxBytes,
  lateTagsMax,
  manifestMaxEntries,
  offersMaxBytes,
  textMaxBytes,
} from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { MemoryDisk, Side } from './engine-pair.ts';
import {
  addLane,
  entries,
  frame,
  hello,
  id,
  linkPeer,
  manifest,
  offer,
  proofsOf,
  received,
  refused,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

const bytes = new Uint8Array(3000).fill(1);
const hash = createHash('sha256').update(bytes).digest();
const root = createHash('sha256').update(hash).digest('hex');
const whole = (tag = 7) => encodeFrame({ tag, block: 0, offset: 0 }, bytes, hash);
const complete = { type: 'complete', transfer: id, tag: 7, root };
const file = (size: number) => [{ ...entries[0], size }];

async function receiving(messages: readonly unknown[] = [offer, manifest], side = new Side()): Promise<ScriptedPeer> {
  const peer = linkPeer(true, side);
  sendTo(peer, hello, ...messages);
  await peer.side.reached('receiving');
  return peer;
}

describe('a manifest', () => {
  it.each([
    [
      'A2 sizes that add up beyond whole numbers',
      [...file(2 ** 53 - 1), { ...entries[0], path: ['b'], size: 2 ** 53 - 1 }],
    ],
    ['A2 fewer files than announced', []],
    ['A7 a key of the prototype', [{ ...entries[0], toString: 'x' }]],
    ['A10 a mode in place of a yes or no', [{ ...entries[0], executable: 0o4777 }]],
    ['A10 a time that is none', [{ ...entries[0], mtimeMs: null }]],
    ['A16 a media type', [{ ...entries[0], mime: 'text/html' }]],
    ['N5 a path as one text', [{ ...entries[0], path: '/etc/x' }]],
  ])('is no offer with %s', async (_what, list) => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello, offer, { ...manifest, entries: list });
    await peer.side.reached('declined');
    expect(peer.side.view()!.fault?.code).toBe('manifest-invalid');
    expect(peer.side.of('offer')).toEqual([]);
    peer.side.engine.close();
  });

  it('A8 of a transfer that is kept from an earlier link is no offer, and takes nothing away of what is kept', async () => {
    const peer = linkPeer(true);
    const kept = { secret: 'b'.repeat(64), entries: [], blocks: new Map([[0, bytes]]) };
    peer.side.disk.receives.set(id, kept);
    sendTo(peer, hello, offer, manifest);
    await peer.side.reached('failed');
    await settle();
    expect(peer.side.of('offer')).toEqual([]);
    expect(peer.side.disk.receives.get(id)).toBe(kept);
    peer.side.engine.close();
  });

  it('A3 of a petabyte is no offer', async () => {
    const peer = linkPeer(true);
    const totals = { files: 1, folders: 0, bytes: 2 ** 52 };
    sendTo(peer, hello, { ...offer, totals }, { ...manifest, entries: file(2 ** 52) });
    await peer.side.reached('declined');
    expect(peer.side.view()!.fault?.code).toBe('manifest-too-large');
    peer.side.engine.close();
  });

  it('A4 of ten million files is refused at the first one too many', async () => {
    const peer = linkPeer(true);
    sendTo(peer, hello, { ...offer, totals: { files: 100_000, folders: 0, bytes: 0 } });
    const perPart = 500;
    const parts = manifestMaxEntries / perPart + 1;
    for (let part = 0; part < parts; part += 1) {
      const list = Array.from({ length: perPart }, (_, nth) => ({ ...entries[0], path: [`${part}-${nth}`], size: 0 }));
      sendTo(peer, { ...manifest, part, last: false, entries: list });
    }
    await peer.side.reached('declined');
    expect(peer.side.view()!.fault?.code).toBe('manifest-too-large');
    peer.side.engine.close();
  }, 20_000);

  it.each([
    [
      'A5 a part twice',
      [
        { ...manifest, last: false },
        { ...manifest, last: false },
      ],
    ],
    [
      'A5 a part left out',
      [
        { ...manifest, last: false },
        { ...manifest, part: 2 },
      ],
    ],
    ['A5 a part after the last', [manifest, { ...manifest, part: 1 }]],
    ['A13 a second one before the answer', [manifest, manifest]],
  ])('is told once and in order, or the link ends: %s', async (_what, parts) => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello, offer, ...parts);
    await refused(peer);
  });

  it('A13 comes no more after the answer', async () => {
    const peer = await receiving();
    sendTo(peer, manifest);
    await refused(peer);
  });

  it('A11 of nothing at all is no offer', async () => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello, { ...offer, totals: { files: 0, folders: 0, bytes: 0 } }, { ...manifest, entries: [] });
    await peer.side.reached('declined');
    expect([peer.side.of('offer'), peer.side.view()!.fault?.code]).toEqual([[], 'manifest-invalid']);
    peer.side.engine.close();
  });

  it('A8 does not come under the name of something that we send', async () => {
    const peer = linkPeer(true);
    sendTo(peer, hello);
    await peer.side.until(() => peer.side.of('peer-name').length > 0);
    peer.side.disk.files = [{ path: ['a'], bytes }];
    peer.side.engine.command({ do: 'send-items', items: ['x'] });
    const { transfer } = await received(peer, 'offer');
    sendTo(peer, { ...offer, transfer });
    await refused(peer);
  });

  it('is refused when the lists that nobody answered yet already fill what may be held (A4)', async () => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    const list = Array.from({ length: 15 }, (_, nth) => ({ ...entries[0], path: [`${nth}${'x'.repeat(4000)}`] }));
    const perOffer = 300;
    const partBytes = JSON.stringify(list).length;
    const most = Math.ceil(offersMaxBytes / partBytes);
    sendTo(peer, hello);
    for (let sent = 0; sent <= most; sent += 1) {
      const transfer = Math.floor(sent / perOffer)
        .toString(16)
        .padStart(32, '0');
      if (sent % perOffer === 0) sendTo(peer, { ...offer, transfer });
      sendTo(peer, { ...manifest, transfer, part: sent % perOffer, last: false, entries: list });
      // As fast as the peer may talk, and no faster.
      if (sent > 900) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await received(peer, 'decline');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  }, 20_000);
});

describe('blocks', () => {
  it('F8 begun beyond the credit end the link', async () => {
    const size = 40 * blockBytes;
    const peer = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    for (let block = 0; block < creditMaxBlocks; block += 1) addLane(peer, 10 + block).post(frame(0, 2000, block), 0);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    peer.lane.post(frame(0, 2000, creditMaxBlocks), 0);
    await refused(peer);
    expect(peer.side.disk.written).toBe(0);
  });

  it('F8 sent again and again though they are stored end the link', async () => {
    const size = 2 * blockBytes;
    const peer = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    const content = new Uint8Array(blockBytes);
    const digest = createHash('sha256').update(content).digest();
    const part = blockBytes / 8;
    for (let time = 0; time < creditMaxBlocks * 8 + 2; time += 1) {
      for (let offset = 0; offset < blockBytes; offset += part) {
        const last = offset + part === blockBytes;
        const payload = content.subarray(offset, offset + part);
        peer.lane.post(encodeFrame({ tag: 7, block: 0, offset }, payload, last ? digest : undefined), 0);
      }
      if (time === 0) await received(peer, 'stored');
    }
    await refused(peer);
    expect(peer.side.disk.written).toBe(1);
  });

  it('F8 sent again and again while a slow disk writes them are held once', async () => {
    const size = 2 * blockBytes;
    const peer = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    const { disk } = peer.side;
    let write = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    disk.beforeWrite = () => written;
    const content = new Uint8Array(blockBytes);
    const digest = createHash('sha256').update(content).digest();
    const part = blockBytes / 8;
    for (let time = 0; time < 100; time += 1) {
      for (let offset = 0; offset < blockBytes; offset += part) {
        const last = offset + part === blockBytes;
        const payload = content.subarray(offset, offset + part);
        peer.lane.post(encodeFrame({ tag: 7, block: 0, offset }, payload, last ? digest : undefined), 0);
      }
      await settle(2);
    }
    await settle();
    expect(disk.mostInFlight).toBe(1);
    write();
    await received(peer, 'stored');
    expect(disk.written).toBe(1);
    peer.side.engine.close();
  });

  it('F11 still on their way when we cancel are dropped, up to a bound', async () => {
    const peer = await receiving();
    peer.side.engine.command({ do: 'cancel', transfer: id });
    await peer.side.reached('cancelled');
    const late = new Uint8Array(bulkMessageMaxBytes);
    late.set(frame(0, 2000));
    const forgiven = Math.floor(lateFramesMaxBytes / late.byteLength);
    for (let sent = 0; sent < forgiven; sent += 1) peer.lane.post(late, 0);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    for (let sent = 0; sent < 3; sent += 1) peer.lane.post(late, 0);
    await refused(peer);
    expect([peer.side.disk.written, peer.side.disk.receives.size]).toEqual([0, 0]);
  });

  it('F11 of a tag that changed long ago are of no transfer', async () => {
    const clock = new VirtualClock();
    const peer = await receiving([offer, manifest], new Side(new MemoryDisk(), { clock }));
    for (let tag = 100; tag < 100 + lateTagsMax + 2; tag += 1) {
      sendTo(peer, { type: 'continue', transfer: id, tag });
      await settle(12);
      // One at a time, once there were too many in a row.
      clock.advance(1_000 / askedReopensPerSecond);
    }
    await received(peer, 'accept', lateTagsMax + 3);
    peer.lane.post(frame(0, 2000, 0, 300), 0);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    peer.lane.post(frame(0, 2000), 0);
    await refused(peer);
  });

  it('F12 with a wrong hash are asked for again, a few times, and then the transfer fails', async () => {
    const peer = await receiving();
    for (let time = 1; time <= blockRetriesMax; time += 1) {
      peer.lane.post(frame(0, 3000, 0, 7, true), 0);
      expect(await received(peer, 'nack', time)).toMatchObject({ block: 0, why: 'damaged' });
    }
    peer.lane.post(frame(0, 3000, 0, 7, true), 0);
    await peer.side.reached('failed');
    expect(await received(peer, 'cancel')).toMatchObject({ code: 'block-damaged' });
    expect([peer.side.disk.written, peer.side.disk.published.size]).toEqual([0, 0]);
    peer.side.engine.close();
  });

  it('F12 damaged here and there without end fail the transfer too', async () => {
    const blocks = damagedBlocksMax + 1;
    const size = (blocks - 1) * blockBytes + 3000;
    const peer = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    const payload = new Uint8Array(blockBytes / 8);
    const lastFrame = (block: number) =>
      encodeFrame({ tag: 7, block, offset: 7 * payload.length }, payload, new Uint8Array(32));
    for (let block = 0; block < blocks; block += 1) {
      for (let at = 0; at < 7 && block < blocks - 1; at += 1) {
        peer.lane.post(encodeFrame({ tag: 7, block, offset: at * payload.length }, payload, undefined), 0);
      }
      peer.lane.post(block < blocks - 1 ? lastFrame(block) : frame(0, 3000, block, 7, true), 0);
      if (block < blocks - 1) await received(peer, 'nack', block + 1);
    }
    await peer.side.reached('failed');
    expect(peer.side.view()!.fault?.code).toBe('block-damaged');
    peer.side.engine.close();
  }, 20_000);

  it('C3 of a transfer that we called off do not come back: whoever goes on with it is told again', async () => {
    const peer = await receiving();
    peer.side.engine.command({ do: 'cancel', transfer: id });
    await peer.side.reached('cancelled');
    sendTo(peer, { type: 'continue', transfer: id, tag: 8 });
    await received(peer, 'cancel', 2);
    await settle();
    expect(peer.side.view()!.state).toBe('cancelled');
    peer.lane.post(frame(0, 2000, 0, 8), 0);
    await refused(peer);
  });

  it('F15 that stop in the middle wait for as long as people like, and can be called off', async () => {
    const peer = await receiving();
    peer.lane.post(frame(0, 1500), 0);
    await settle();
    expect(peer.side.view()!.state).toBe('receiving');
    peer.side.engine.command({ do: 'cancel', transfer: id });
    await peer.side.reached('cancelled');
    await settle();
    expect([peer.side.disk.receives.size, peer.side.disk.published.size]).toEqual([0, 0]);
    peer.side.engine.close();
  });
});

describe('the end of a transfer', () => {
  it('F13 whose hash over everything is wrong publishes nothing', async () => {
    const peer = await receiving();
    peer.lane.post(whole(), 0);
    await received(peer, 'stored');
    sendTo(peer, { ...complete, root: 'f'.repeat(64) });
    await peer.side.reached('failed');
    expect(peer.side.view()!.fault?.code).toBe('hash-mismatch');
    expect(peer.side.disk.published.size).toBe(0);
    peer.side.engine.close();
  });

  it.each([
    ['F13 with a hash of another length', { ...complete, root: root.slice(2) }],
    ['F13 without a hash', { type: 'complete', transfer: id, tag: 7 }],
    ['F14 of a transfer that is none', { ...complete, transfer: 'cd'.repeat(16) }],
    ['C3 said by the side that receives', { type: 'delivered', transfer: id, root, faults: [], faultCount: 0 }],
    ['C3 with an answer that was ours to give', { type: 'accept', transfer: id, tag: 7, all: true, credit: 1 }],
  ])('ends the link: %s', async (_what, message) => {
    const peer = await receiving();
    peer.lane.post(whole(), 0);
    await received(peer, 'stored');
    sendTo(peer, message);
    await refused(peer);
  });

  it('F14 said twice ends the link; after the delivery it is only late', async () => {
    const peer = await receiving();
    peer.lane.post(whole(), 0);
    await received(peer, 'stored');
    sendTo(peer, complete);
    await received(peer, 'delivered');
    sendTo(peer, complete);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    expect(peer.side.disk.published.size).toBe(1);
    peer.side.engine.close();

    const hasty = await receiving();
    hasty.lane.post(whole(), 0);
    await received(hasty, 'stored');
    sendTo(hasty, complete, complete);
    await hasty.side.until(() => hasty.side.of('violation').length > 0);
  });

  it('C7 and `closed` without end: the host is told once that nothing of it is kept any more', async () => {
    const peer = await receiving();
    let forgotten = 0;
    peer.side.disk.beforeForget = async () => {
      forgotten += 1;
    };
    peer.lane.post(whole(), 0);
    await received(peer, 'stored');
    sendTo(peer, complete);
    await received(peer, 'delivered');
    const closed = { type: 'closed', transfer: id };
    sendTo(peer, closed, closed);
    await settle();
    sendTo(peer, closed);
    await settle();
    expect([forgotten, peer.side.of('violation')]).toEqual([1, []]);
    expect(peer.side.disk.published.size).toBe(1);
    peer.side.engine.close();
  });

  it('A2 with a fault of a file that does not exist ends the link, also where the list is only in the records', async () => {
    const peer = await receiving();
    sendTo(peer, { type: 'cancel', transfer: id, code: 'source-unreadable' });
    await peer.side.reached('failed');
    peer.side.engine.close();
    const again = linkPeer(true, new Side(peer.side.disk));
    const claims = await proofsOf(again, 'send');
    sendTo(again, hello, { type: 'claims', claims }, { type: 'continue', transfer: id, tag: 9 });
    await received(again, 'accept');
    sendTo(again, { type: 'file-faults', transfer: id, faults: [{ index: 1, code: 'source-missing' }] });
    await refused(again);
    expect(again.side.view()!.fileFaults).toEqual([]);
  });

  it('C11 by closing every channel in the middle of a file is a cut, and what is held is kept', async () => {
    const peer = await receiving();
    peer.lane.post(frame(0, 1500), 0);
    await settle();
    peer.control.close();
    peer.lane.close();
    await peer.side.until(() => peer.side.of('channel-closed').length === 2);
    expect(peer.side.view()!.state).toBe('receiving');
    peer.side.engine.command({ do: 'link-state', up: false });
    expect(peer.side.view()).toMatchObject({ state: 'paused', pause: 'link' });
    peer.side.engine.command({ do: 'end', say: 'nothing' });
    expect(peer.side.view()).toMatchObject({ state: 'failed', resumable: true, fault: { code: 'peer-left' } });
    await settle();
    expect([peer.side.disk.receives.size, peer.side.disk.published.size]).toEqual([1, 0]);
  });
});

describe('control messages', () => {
  it('C7 of pause and resume without end leaves the last word standing, and redraws only what changed', async () => {
    const peer = await receiving();
    const before = peer.side.of('transfer').length;
    for (let time = 0; time < 400; time += 1) {
      sendTo(peer, { type: 'pause', transfer: id, why: 'person' }, { type: 'resume', transfer: id, why: 'person' });
    }
    sendTo(peer, { type: 'pause', transfer: id, why: 'person' });
    await settle(60);
    expect(peer.side.view()).toMatchObject({ state: 'paused', pause: 'peer' });
    expect(peer.side.of('transfer').length - before).toBeLessThanOrEqual(801);
    sendTo(peer, { type: 'resume', transfer: id, why: 'person' });
    peer.lane.post(whole(), 0);
    sendTo(peer, ...Array.from({ length: 50 }, () => ({ type: 'cancel', transfer: id })));
    await peer.side.reached('cancelled');
    expect(peer.side.of('violation')).toEqual([]);
    peer.side.engine.close();
  });

  it('C8 of our own making never reaches a person: a strange reason is only "it went wrong there"', async () => {
    const peer = await receiving();
    sendTo(peer, { type: 'cancel', transfer: id, code: '<img src=x onerror=alert(1)>\u001b[2J' });
    await peer.side.reached('failed');
    expect(peer.side.view()!.fault?.code).toBe('peer-failed');
    expect(JSON.stringify(peer.side.events)).not.toContain('img');
    peer.side.engine.close();
  });

  it.each([
    ['C8 a message with words of its own', { type: 'cancel', transfer: id, message: 'call 555' }],
    ['C8 a reason of a megabyte', { type: 'cancel', transfer: id, code: 'x'.repeat(1_000_000) }],
    ['A15 a name of a megabyte', { ...hello, name: 'x'.repeat(1_000_000) }],
    ['C6 text that is half a character', '{"type":"ping","n":1,"x-\uD800":1}'],
    ['C6 a byte order mark', '\uFEFF{"type":"ping","n":1}'],
    ['C9 an answer to no question, of the wrong kind', { type: 'pong', n: -1 }],
    ['C1 a text of parts without text', { type: 'text', part: 0, last: false, text: '' }],
    ['C3 a text that begins in the middle', { type: 'text', part: 1, last: true, text: 'x' }],
  ])('beyond the rules ends the link: %s', async (_what, message) => {
    const peer = await receiving();
    sendTo(peer, message);
    await refused(peer);
  });

  it('C1 of what is unfinished comes once: every time costs a look at everything that is kept', async () => {
    const peer = linkPeer(true);
    const claims = { type: 'claims', claims: ['00'.repeat(32)] };
    sendTo(peer, hello, claims);
    await settle();
    expect(peer.side.of('violation')).toEqual([]);
    sendTo(peer, claims);
    await refused(peer);
  });

  it('C1 of a text that grows without end is cut off at its bound', async () => {
    const peer = linkPeer(true);
    sendTo(peer, hello);
    const parts = Math.ceil(textMaxBytes / 12_000) + 1;
    for (let part = 0; part < parts; part += 1) {
      sendTo(peer, { type: 'text', part, last: false, text: 'x'.repeat(12_000) });
    }
    await refused(peer);
    expect(peer.side.of('text')).toEqual([]);
  });

  it('of an offer that was asked for again, and comes after the person called it off, is late and not wrong', async () => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello, offer);
    await settle();
    // Another connection took over before the list was there.
    sendTo(peer, { type: 'continue', transfer: id, tag: 8 });
    await received(peer, 'decline');
    peer.side.engine.command({ do: 'cancel', transfer: id });
    await received(peer, 'cancel');
    sendTo(peer, { ...offer, tag: 9 }, manifest);
    await settle();
    expect([peer.side.of('violation'), peer.side.view()?.state]).toEqual([[], 'cancelled']);
    peer.side.engine.close();
  });

  it('of offers made and withdrawn for ever is forgotten, not kept', async () => {
    const peer = linkPeer(true);
    peer.side.autoAccept = undefined;
    sendTo(peer, hello);
    for (let nth = 0; nth < 100; nth += 1) {
      const transfer = nth.toString(16).padStart(32, '0');
      sendTo(peer, { ...offer, transfer }, { ...manifest, transfer }, { type: 'cancel', transfer });
    }
    await peer.side.until(
      () => peer.side.of('transfer').filter(({ view }) => view.state === 'cancelled').length === 100,
    );
    await settle();
    expect([peer.side.disk.receives.size, peer.side.of('violation').length]).toEqual([0, 0]);
    peer.side.engine.close();
  });
});
