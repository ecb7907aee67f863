// A peer that does not read what is sent on control: what is long waits for it, within bounds, and is sent once it reads.

import { expect, it } from 'vitest';
import type { ControlChannel, Disk } from '../../../engine/ports.ts';
import { ControlChannels } from '../../../engine/session/control-channel.ts';
import type { IndexRange } from '../../../shared/model/manifest.ts';
import { blockBytes, controlBufferHighBytes, notesWaitingMaxBytes, textMaxBytes } from '../../../shared/wire/limits.ts';
import { controlOver, MemoryDisk, realClock, Side, wirePair } from './engine-pair.ts';
import {
  changeControl,
  hello,
  linkPeer,
  manifest,
  offer,
  received,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

/** No message is longer. */
const oneMessageBytes = 64 * 1024;
const noteNo = (nth: number) => String.fromCharCode(97 + nth).repeat(textMaxBytes);

/** The peer has said hello, and reads nothing from now on. */
async function unreading(side = new Side()): Promise<ScriptedPeer> {
  const peer = linkPeer(true, side);
  sendTo(peer, hello);
  await received(peer, 'hello');
  await side.until(() => side.of('peer-name').length > 0);
  await settle();
  peer.control.peer!.unread = [];
  return peer;
}

function write({ side }: ScriptedPeer, notes: number): void {
  for (let nth = 0; nth < notes; nth += 1) side.engine.command({ do: 'send-text', text: noteNo(nth) });
}

/** Notes that came whole and once, by their letter. */
function notesIn({ messages }: ScriptedPeer): string {
  const all = messages.map(({ type, text }) => (type === 'text' ? `${text}` : '')).join('');
  const isWhole = (letter: string) => all.lastIndexOf(letter) - all.indexOf(letter) + 1 === textMaxBytes;
  return [...new Set(all)].filter(isWhole).join('');
}

it('S4 notes wait, those beyond the bound are refused, and all others arrive in order', async () => {
  const peer = await unreading();
  const { side, control } = peer;
  const most = notesWaitingMaxBytes / textMaxBytes;
  write(peer, most + 3);
  await settle();
  expect(control.peer!.buffered).toBeLessThan(controlBufferHighBytes + oneMessageBytes);
  const written = side.of('text').length;
  // The first one is with the channel already.
  expect([written, side.of('refused').length]).toEqual([most + 1, 2]);
  control.peer!.read();
  await expect.poll(() => notesIn(peer).length, { interval: 5, timeout: 10_000 }).toBe(written);
  expect(notesIn(peer)).toBe('abcdefghijklmnopqrstuvwxyz'.slice(0, written));
  side.engine.close();
});

it('S4 notes that wait are sent over another control channel, each whole and once', async () => {
  const peer = await unreading();
  write(peer, 4);
  await settle();
  const next = changeControl(peer);
  await expect.poll(() => notesIn(next), { interval: 5, timeout: 10_000 }).toBe('bcd');
  peer.control.peer!.read();
  await settle();
  expect(notesIn(next)).toBe('bcd');
  peer.side.engine.close();
});

it('S4 notes that wait for one peer are not sent to the next', async () => {
  const peer = await unreading();
  write(peer, 4);
  await settle();
  const next = linkPeer(true, peer.side);
  sendTo(next, hello);
  await settle(60);
  expect(next.messages.filter(({ type }) => type === 'text')).toEqual([]);
  peer.side.engine.close();
});

it('S4 whoever waits for room lets go of it once nobody wants what was to be sent', async () => {
  let listeners = 0;
  const channel: ControlChannel = {
    ...controlOver(wirePair<string | Uint8Array<ArrayBuffer>>()[0]),
    bufferedBytes: () => controlBufferHighBytes,
    onWritable: () => {
      listeners += 1;
      return () => {
        listeners -= 1;
      };
    },
  };
  const channels = new ControlChannels(
    realClock,
    () => undefined,
    () => undefined,
  );
  channels.add(1, channel);
  channels.adopt(1);
  const attempt = new AbortController();
  const waiting = channels.whenRoom(attempt.signal);
  expect(listeners).toBe(1);
  attempt.abort();
  await waiting;
  expect(listeners).toBe(0);
});

it('S4 what is held here of a file that came in pieces is told as it is read, and then the accept', async () => {
  const pieces = 60_000;
  const have: readonly IndexRange[] = Array.from({ length: pieces }, (_, at) => [2 * at, 2 * at + 1]);
  const disk = new MemoryDisk();
  const port: Disk = {
    source: disk.source,
    claims: disk.claims,
    addHistory: disk.addHistory,
    sink: (transfer) => {
      const sink = disk.sink(transfer);
      return { ...sink, start: async (leaveOut) => ({ ...(await sink.start(leaveOut)), have }) };
    },
  };
  const peer = await unreading(new Side(disk, {}, port));
  const bytes = 2 * pieces * blockBytes;
  const entries = [{ ...manifest.entries[0], size: bytes }];
  sendTo(peer, { ...offer, totals: { files: 1, folders: 0, bytes } }, { ...manifest, entries });
  await peer.side.reached('receiving');
  await settle();
  expect(peer.control.peer!.buffered).toBeLessThan(controlBufferHighBytes + oneMessageBytes);
  peer.control.peer!.read();
  await received(peer, 'accept');
  const told = peer.messages.flatMap(({ type, ranges }) => (type === 'held' ? (ranges as IndexRange[]) : []));
  expect(told).toEqual(have);
  expect(peer.messages.at(-1)?.type).toBe('accept');
  peer.side.engine.close();
});
