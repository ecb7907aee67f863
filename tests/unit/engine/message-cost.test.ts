// What a message of a peer costs grows with its length, and not with what came before it or with what it is about.

import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { NoteAssembler } from '../../../engine/session/notes.ts';
import { parseControl } from '../../../shared/wire/control.ts';
import {
  controlMessageMaxBytes,
  controlMessagesPerSecond,
  offersMaxBytes,
  textMaxBytes,
} from '../../../shared/wire/limits.ts';
import { realClock, Side } from './engine-pair.ts';
import { hello, linkPeer, offer, received, sendTo, settle } from './scripted-peer.ts';

function cpuMsOf(task: () => unknown): number {
  const began = process.threadCpuUsage();
  task();
  const { user, system } = process.threadCpuUsage(began);
  return (user + system) / 1000;
}

describe('a message', () => {
  it.each([
    ['numbers that nobody reads', '{"type":"x-a","a":[0', ',0', ']}'],
    ['objects that nobody reads', '{"type":"x-a","a":[{}', ',{}', ']}'],
    ['numbers before the confirmation', '{"type":"link","body":{"a":[0', ',0', ']}}'],
    ['ranges that are none', `{"type":"held","transfer":"${offer.transfer}","ranges":[0`, ',0', ']}'],
  ])('C19 of many small values costs little: as many as may come in a second, of %s', (_what, head, value, tail) => {
    const values = Math.floor((controlMessageMaxBytes - head.length - tail.length) / value.length);
    const text = head + value.repeat(values) + tail;
    const aSecond = () => {
      for (let nth = 0; nth < controlMessagesPerSecond; nth += 1) parseControl(text);
    };
    parseControl(text);
    expect(cpuMsOf(aSecond)).toBeLessThan(2_000);
  });
});

describe('a note', () => {
  const add = (notes: NoteAssembler, text: string, part: number, last = false) =>
    notes.add({ type: 'text', part, last, text });

  it('C19 in parts of one letter each costs in proportion to its length', () => {
    const inLetters = (letters: number) => {
      const notes = new NoteAssembler();
      return cpuMsOf(() => {
        for (let part = 0; part < letters; part += 1) add(notes, 'é', part);
      });
    };
    inLetters(1_000);
    expect(inLetters(20_000)).toBeLessThan(200);
  });

  it('C1 is cut off at its bound, however small its parts are, and the next one begins anew', () => {
    const notes = new NoteAssembler();
    const half = textMaxBytes / 2;
    expect(Array.from({ length: half }, (_, part) => add(notes, 'é', part)).filter(Boolean)).toEqual([]);
    expect(add(notes, 'x', half)).toEqual({ refused: 'text too long' });
    notes.reset();
    for (const _time of [1, 2]) {
      expect(add(notes, 'a', 0)).toBeUndefined();
      expect(add(notes, 'b', 1, true)).toBe('ab');
    }
  });
});

/** Bytes of what is still in use. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('a list of theirs', () => {
  it('C19 of a transfer that arrived is not held for the rest of the link', async () => {
    const peer = linkPeer(true);
    const { side } = peer;
    sendTo(peer, hello);
    const [parts, inPart] = [100, 160];
    const totals = { files: parts * inPart, folders: 0, bytes: 0 };
    const root = createHash('sha256').digest('hex');
    const receiveOne = async (nth: number) => {
      const transfer = nth.toString(16).padStart(32, '0');
      sendTo(peer, { ...offer, transfer, tag: nth, totals });
      for (let part = 0; part < parts; part += 1) {
        const entries = Array.from({ length: inPart }, (_, at) => ({
          ...{ kind: 'file', path: [`${'n'.repeat(200)} ${part} ${at}`], size: 0, mtimeMs: 0, executable: false },
        }));
        sendTo(peer, { type: 'manifest', transfer, part, last: part === parts - 1, entries });
      }
      await received(peer, 'accept', nth);
      sendTo(peer, { type: 'complete', transfer, tag: nth, root });
      await received(peer, 'delivered', nth);
      await settle();
      // The disk of this test holds its files in memory.
      side.disk.receives.clear();
      side.disk.published.clear();
    };
    await receiveOne(1);
    await receiveOne(2);
    const before = heapBytes();
    for (let nth = 3; nth <= 8; nth += 1) await receiveOne(nth);
    const listBytes = parts * inPart * 200;
    expect(heapBytes() - before).toBeLessThan(2 * listBytes);
    expect(side.of('violation')).toEqual([]);
    side.engine.close();
  }, 60_000);

  it('C19 of a transfer that failed, and may go on, is not held beside many others', async () => {
    let nowMs = 0;
    const side = new Side(undefined, { clock: { ...realClock, now: () => nowMs } });
    const peer = linkPeer(true, side);
    sendTo(peer, hello);
    const [lists, parts, inPart] = [10, 240, 15];
    const folders = Array.from({ length: 15 }, () => 'n'.repeat(250));
    const totals = { files: parts * inPart, folders: 0, bytes: parts * inPart };
    const failOne = async (nth: number) => {
      const transfer = nth.toString(16).padStart(32, '0');
      sendTo(peer, { ...offer, transfer, tag: nth, totals });
      for (let part = 0; part < parts; part += 1) {
        const entries = Array.from({ length: inPart }, (_, at) => ({
          ...{ kind: 'file', path: [...folders, `${part} ${at}`], size: 1, mtimeMs: 0, executable: false },
        }));
        sendTo(peer, { type: 'manifest', transfer, part, last: part === parts - 1, entries });
      }
      await received(peer, 'accept', nth);
      sendTo(peer, { type: 'cancel', transfer, code: 'source-unreadable' });
      await side.until(() => side.view()?.id === transfer && side.view()?.state === 'failed');
      await settle();
      // The disk of this test holds its files in memory.
      side.disk.receives.clear();
      // What comes in a second is bounded.
      nowMs += 60_000;
    };
    await failOne(1);
    const before = heapBytes();
    for (let nth = 2; nth <= lists; nth += 1) await failOne(nth);
    expect(heapBytes() - before).toBeLessThan(1.3 * offersMaxBytes);
    expect(side.of('transfer').filter(({ view }) => view.resumable).length).toBeGreaterThan(0);
    expect(side.of('violation')).toEqual([]);
    side.engine.close();
  }, 60_000);
});

describe('a row', () => {
  it('C19 that is shown anew with every pause names some of the files with faults, and few where their paths are long', async () => {
    const peer = linkPeer(true);
    const { side } = peer;
    const path = (nth: number) => [...Array.from({ length: 60 }, () => 'n'.repeat(60)), `${nth}`];
    const [parts, inPart] = [20, 10];
    const totals = { files: parts * inPart, folders: 0, bytes: 0 };
    sendTo(peer, hello, { ...offer, totals });
    for (let part = 0; part < parts; part += 1) {
      const entries = Array.from({ length: inPart }, (_, at) => ({
        ...{ kind: 'file', path: path(part * inPart + at), size: 0, mtimeMs: 0, executable: false },
      }));
      sendTo(peer, { type: 'manifest', transfer: offer.transfer, part, last: part === parts - 1, entries });
    }
    await side.reached('receiving');
    const faults = Array.from({ length: totals.files }, (_, index) => ({ index, code: 'source-missing' }));
    sendTo(peer, { type: 'file-faults', transfer: offer.transfer, faults });
    await side.until(() => side.view()?.fileFaultCount === totals.files);
    sendTo(peer, { type: 'pause', transfer: offer.transfer, why: 'person' });
    await side.reached('paused');
    await settle();
    const { fileFaults } = side.view()!;
    expect(fileFaults.length).toBeGreaterThan(5);
    expect(JSON.stringify(fileFaults).length).toBeLessThan(128 * 1024);
    side.engine.close();
  });
});
