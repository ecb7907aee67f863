// A peer that sends, and does it badly on purpose, against the real engine: manifests, blocks and endings.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import {
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
import {
  addLane,
  entries,
  frame,
  hear,
  hello,
  id,
  manifest,
  meet,
  offer,
  refused,
  type Stranger,
  say,
  settle,
} from './stranger.ts';

const bytes = new Uint8Array(3000).fill(1);
const hash = createHash('sha256').update(bytes).digest();
const root = createHash('sha256').update(hash).digest('hex');
const whole = (tag = 7) => encodeFrame({ tag, block: 0, offset: 0 }, bytes, hash);
const complete = { type: 'complete', transfer: id, tag: 7, root };
const file = (size: number) => [{ ...entries[0], size }];

async function receiving(messages: readonly unknown[] = [offer, manifest]): Promise<Stranger> {
  const stranger = meet(true);
  say(stranger, hello, ...messages);
  await stranger.side.reached('receiving');
  return stranger;
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
    const stranger = meet(true);
    stranger.side.autoAccept = undefined;
    say(stranger, hello, offer, { ...manifest, entries: list });
    await stranger.side.reached('declined');
    expect(stranger.side.view()!.fault?.code).toBe('manifest-invalid');
    expect(stranger.side.of('offer')).toEqual([]);
    stranger.side.engine.close();
  });

  it('A3 of a petabyte is no offer', async () => {
    const stranger = meet(true);
    const totals = { files: 1, folders: 0, bytes: 2 ** 52 };
    say(stranger, hello, { ...offer, totals }, { ...manifest, entries: file(2 ** 52) });
    await stranger.side.reached('declined');
    expect(stranger.side.view()!.fault?.code).toBe('manifest-too-large');
    stranger.side.engine.close();
  });

  it('A4 of ten million files is refused at the first one too many', async () => {
    const stranger = meet(true);
    say(stranger, hello, { ...offer, totals: { files: 100_000, folders: 0, bytes: 0 } });
    const perPart = 500;
    const parts = manifestMaxEntries / perPart + 1;
    for (let part = 0; part < parts; part += 1) {
      const list = Array.from({ length: perPart }, (_, nth) => ({ ...entries[0], path: [`${part}-${nth}`], size: 0 }));
      say(stranger, { ...manifest, part, last: false, entries: list });
    }
    await stranger.side.reached('declined');
    expect(stranger.side.view()!.fault?.code).toBe('manifest-too-large');
    stranger.side.engine.close();
  });

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
    const stranger = meet(true);
    stranger.side.autoAccept = undefined;
    say(stranger, hello, offer, ...parts);
    await refused(stranger);
  });

  it('A13 comes no more after the answer', async () => {
    const stranger = await receiving();
    say(stranger, manifest);
    await refused(stranger);
  });

  it('A8 does not come under the name of something that we send', async () => {
    const stranger = meet(true);
    say(stranger, hello);
    await stranger.side.until(() => stranger.side.of('peer-name').length > 0);
    stranger.side.disk.files = [{ path: ['a'], bytes }];
    stranger.side.engine.command({ do: 'send-items', items: ['x'] });
    const { transfer } = await hear(stranger, 'offer');
    say(stranger, { ...offer, transfer });
    await refused(stranger);
  });

  it('is refused when the lists that nobody answered yet already fill what may be held (A4)', async () => {
    const stranger = meet(true);
    stranger.side.autoAccept = undefined;
    const list = Array.from({ length: 15 }, (_, nth) => ({ ...entries[0], path: [`${nth}${'x'.repeat(4000)}`] }));
    const perOffer = 300;
    const partBytes = JSON.stringify(list).length;
    const most = Math.ceil(offersMaxBytes / partBytes);
    say(stranger, hello);
    for (let sent = 0; sent <= most; sent += 1) {
      const transfer = Math.floor(sent / perOffer)
        .toString(16)
        .padStart(32, '0');
      if (sent % perOffer === 0) say(stranger, { ...offer, transfer });
      say(stranger, { ...manifest, transfer, part: sent % perOffer, last: false, entries: list });
      // As fast as the peer may talk, and no faster.
      if (sent > 900) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await hear(stranger, 'decline');
    expect(stranger.side.of('violation')).toEqual([]);
    stranger.side.engine.close();
  }, 20_000);
});

describe('blocks', () => {
  it('F8 begun beyond the credit end the link', async () => {
    const size = 40 * blockBytes;
    const stranger = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    for (let block = 0; block < creditMaxBlocks; block += 1)
      addLane(stranger, 10 + block).post(frame(0, 2000, block), 0);
    await settle();
    expect(stranger.side.of('violation')).toEqual([]);
    stranger.lane.post(frame(0, 2000, creditMaxBlocks), 0);
    await refused(stranger);
    expect(stranger.side.disk.written).toBe(0);
  });

  it('F8 sent again and again though they are stored end the link', async () => {
    const size = 2 * blockBytes;
    const stranger = await receiving([
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
        stranger.lane.post(encodeFrame({ tag: 7, block: 0, offset }, payload, last ? digest : undefined), 0);
      }
      if (time === 0) await hear(stranger, 'stored');
    }
    await refused(stranger);
    expect(stranger.side.disk.written).toBe(1);
  });

  it('F11 still on their way when we cancel are dropped, up to a bound', async () => {
    const stranger = await receiving();
    stranger.side.engine.command({ do: 'cancel', transfer: id });
    await stranger.side.reached('cancelled');
    const late = new Uint8Array(bulkMessageMaxBytes);
    late.set(frame(0, 2000));
    const forgiven = Math.floor(lateFramesMaxBytes / late.byteLength);
    for (let sent = 0; sent < forgiven; sent += 1) stranger.lane.post(late, 0);
    await settle();
    expect(stranger.side.of('violation')).toEqual([]);
    for (let sent = 0; sent < 3; sent += 1) stranger.lane.post(late, 0);
    await refused(stranger);
    expect([stranger.side.disk.written, stranger.side.disk.receives.size]).toEqual([0, 0]);
  });

  it('F11 of a tag that changed long ago are of no transfer', async () => {
    const stranger = await receiving();
    for (let tag = 100; tag < 100 + lateTagsMax + 2; tag += 1) say(stranger, { type: 'continue', transfer: id, tag });
    await hear(stranger, 'accept', lateTagsMax + 3);
    stranger.lane.post(frame(0, 2000, 0, 300), 0);
    await settle();
    expect(stranger.side.of('violation')).toEqual([]);
    stranger.lane.post(frame(0, 2000), 0);
    await refused(stranger);
  });

  it('F12 with a wrong hash are asked for again, a few times, and then the transfer fails', async () => {
    const stranger = await receiving();
    for (let time = 1; time <= blockRetriesMax; time += 1) {
      stranger.lane.post(frame(0, 3000, 0, 7, true), 0);
      expect(await hear(stranger, 'nack', time)).toMatchObject({ block: 0, why: 'damaged' });
    }
    stranger.lane.post(frame(0, 3000, 0, 7, true), 0);
    await stranger.side.reached('failed');
    expect(await hear(stranger, 'cancel')).toMatchObject({ code: 'block-damaged' });
    expect([stranger.side.disk.written, stranger.side.disk.published.size]).toEqual([0, 0]);
    stranger.side.engine.close();
  });

  it('F12 damaged here and there without end fail the transfer too', async () => {
    const blocks = damagedBlocksMax + 1;
    const size = (blocks - 1) * blockBytes + 3000;
    const stranger = await receiving([
      { ...offer, totals: { files: 1, folders: 0, bytes: size } },
      { ...manifest, entries: file(size) },
    ]);
    const payload = new Uint8Array(blockBytes / 8);
    const lastFrame = (block: number) =>
      encodeFrame({ tag: 7, block, offset: 7 * payload.length }, payload, new Uint8Array(32));
    for (let block = 0; block < blocks; block += 1) {
      for (let at = 0; at < 7 && block < blocks - 1; at += 1) {
        stranger.lane.post(encodeFrame({ tag: 7, block, offset: at * payload.length }, payload, undefined), 0);
      }
      stranger.lane.post(block < blocks - 1 ? lastFrame(block) : frame(0, 3000, block, 7, true), 0);
      if (block < blocks - 1) await hear(stranger, 'nack', block + 1);
    }
    await stranger.side.reached('failed');
    expect(stranger.side.view()!.fault?.code).toBe('block-damaged');
    stranger.side.engine.close();
  }, 20_000);

  it('C3 of a transfer that we called off do not come back: whoever goes on with it hears so again', async () => {
    const stranger = await receiving();
    stranger.side.engine.command({ do: 'cancel', transfer: id });
    await stranger.side.reached('cancelled');
    say(stranger, { type: 'continue', transfer: id, tag: 8 });
    await hear(stranger, 'cancel', 2);
    await settle();
    expect(stranger.side.view()!.state).toBe('cancelled');
    stranger.lane.post(frame(0, 2000, 0, 8), 0);
    await refused(stranger);
  });

  it('F15 that stop in the middle wait for as long as people like, and can be called off', async () => {
    const stranger = await receiving();
    stranger.lane.post(frame(0, 1500), 0);
    await settle();
    expect(stranger.side.view()!.state).toBe('receiving');
    stranger.side.engine.command({ do: 'cancel', transfer: id });
    await stranger.side.reached('cancelled');
    await settle();
    expect([stranger.side.disk.receives.size, stranger.side.disk.published.size]).toEqual([0, 0]);
    stranger.side.engine.close();
  });
});

describe('the end of a transfer', () => {
  it('F13 whose hash over everything is wrong publishes nothing', async () => {
    const stranger = await receiving();
    stranger.lane.post(whole(), 0);
    await hear(stranger, 'stored');
    say(stranger, { ...complete, root: 'f'.repeat(64) });
    await stranger.side.reached('failed');
    expect(stranger.side.view()!.fault?.code).toBe('hash-mismatch');
    expect(stranger.side.disk.published.size).toBe(0);
    stranger.side.engine.close();
  });

  it.each([
    ['F13 with a hash of another length', { ...complete, root: root.slice(2) }],
    ['F13 without a hash', { type: 'complete', transfer: id, tag: 7 }],
    ['F14 of a transfer that is none', { ...complete, transfer: 'cd'.repeat(16) }],
    ['C3 said by the side that receives', { type: 'delivered', transfer: id, root, faults: [], faultCount: 0 }],
    ['C3 with an answer that was ours to give', { type: 'accept', transfer: id, tag: 7, all: true, credit: 1 }],
  ])('ends the link: %s', async (_what, message) => {
    const stranger = await receiving();
    stranger.lane.post(whole(), 0);
    await hear(stranger, 'stored');
    say(stranger, message);
    await refused(stranger);
  });

  it('F14 said twice ends the link; after the delivery it is only late', async () => {
    const stranger = await receiving();
    stranger.lane.post(whole(), 0);
    await hear(stranger, 'stored');
    say(stranger, complete);
    await hear(stranger, 'delivered');
    say(stranger, complete);
    await settle();
    expect(stranger.side.of('violation')).toEqual([]);
    expect(stranger.side.disk.published.size).toBe(1);
    stranger.side.engine.close();

    const hasty = await receiving();
    hasty.lane.post(whole(), 0);
    await hear(hasty, 'stored');
    say(hasty, complete, complete);
    await hasty.side.until(() => hasty.side.of('violation').length > 0);
  });

  it('C11 by closing every channel in the middle of a file is a cut, and what is held is kept', async () => {
    const stranger = await receiving();
    stranger.lane.post(frame(0, 1500), 0);
    await settle();
    stranger.control.close();
    stranger.lane.close();
    await stranger.side.until(() => stranger.side.of('channel-closed').length === 2);
    expect(stranger.side.view()!.state).toBe('receiving');
    stranger.side.engine.command({ do: 'link-state', up: false });
    expect(stranger.side.view()).toMatchObject({ state: 'paused', pause: 'link' });
    stranger.side.engine.command({ do: 'end', say: 'nothing' });
    expect(stranger.side.view()).toMatchObject({ state: 'failed', resumable: true, fault: { code: 'peer-left' } });
    await settle();
    expect([stranger.side.disk.receives.size, stranger.side.disk.published.size]).toEqual([1, 0]);
  });
});

describe('talk', () => {
  it('C7 of pause and resume without end leaves the last word standing, and redraws only what changed', async () => {
    const stranger = await receiving();
    const before = stranger.side.of('transfer').length;
    for (let time = 0; time < 400; time += 1) {
      say(stranger, { type: 'pause', transfer: id, why: 'person' }, { type: 'resume', transfer: id, why: 'person' });
    }
    say(stranger, { type: 'pause', transfer: id, why: 'person' });
    await settle(60);
    expect(stranger.side.view()).toMatchObject({ state: 'paused', pause: 'peer' });
    expect(stranger.side.of('transfer').length - before).toBeLessThanOrEqual(801);
    say(stranger, { type: 'resume', transfer: id, why: 'person' });
    stranger.lane.post(whole(), 0);
    say(stranger, ...Array.from({ length: 50 }, () => ({ type: 'cancel', transfer: id })));
    await stranger.side.reached('cancelled');
    expect(stranger.side.of('violation')).toEqual([]);
    stranger.side.engine.close();
  });

  it('C8 of our own making never reaches a person: a strange reason is only "something went wrong"', async () => {
    const stranger = await receiving();
    say(stranger, { type: 'cancel', transfer: id, code: '<img src=x onerror=alert(1)>\u001b[2J' });
    await stranger.side.reached('failed');
    expect(stranger.side.view()!.fault?.code).toBe('internal');
    expect(JSON.stringify(stranger.side.events)).not.toContain('img');
    stranger.side.engine.close();
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
    const stranger = await receiving();
    say(stranger, message);
    await refused(stranger);
  });

  it('C1 of what is unfinished comes once: every time costs a look at everything that is kept', async () => {
    const stranger = meet(true);
    const claims = { type: 'claims', claims: ['00'.repeat(32)] };
    say(stranger, hello, claims);
    await settle();
    expect(stranger.side.of('violation')).toEqual([]);
    say(stranger, claims);
    await refused(stranger);
  });

  it('C1 of a text that grows without end is cut off at its bound', async () => {
    const stranger = meet(true);
    say(stranger, hello);
    const parts = Math.ceil(textMaxBytes / 12_000) + 1;
    for (let part = 0; part < parts; part += 1) {
      say(stranger, { type: 'text', part, last: false, text: 'x'.repeat(12_000) });
    }
    await refused(stranger);
    expect(stranger.side.of('text')).toEqual([]);
  });

  it('of offers made and withdrawn for ever is forgotten, not kept', async () => {
    const stranger = meet(true);
    stranger.side.autoAccept = undefined;
    say(stranger, hello);
    for (let nth = 0; nth < 100; nth += 1) {
      const transfer = nth.toString(16).padStart(32, '0');
      say(stranger, { ...offer, transfer }, { ...manifest, transfer }, { type: 'cancel', transfer });
    }
    await stranger.side.until(
      () => stranger.side.of('transfer').filter(({ view }) => view.state === 'cancelled').length === 100,
    );
    await settle();
    expect([stranger.side.disk.receives.size, stranger.side.of('violation').length]).toEqual([0, 0]);
    stranger.side.engine.close();
  });
});
