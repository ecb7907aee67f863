// Notes over a link that may end at any moment: one that the other side did not confirm is given back, and none is shown twice.

import { expect, it } from 'vitest';
import { notesHeardMax } from '../../../shared/wire/limits.ts';
import { VirtualClock } from '../link/virtual-clock.ts';
import { linkTwo, MemoryDisk, Side } from './engine-pair.ts';
import { changeControl, hello, linkPeer, received, type ScriptedPeer, sendTo, settle } from './scripted-peer.ts';

const confirming = { ...hello, features: ['note-receipts'] };
const name = 'ab'.repeat(16);
const noteOf = (text: string, note?: string) => ({ type: 'text', part: 0, last: true, text, ...(note && { note }) });
const shown = ({ side }: ScriptedPeer) => side.of('text').flatMap(({ text, fromPeer }) => (fromPeer ? [text] : []));
const receipts = ({ messages }: ScriptedPeer) =>
  messages.flatMap(({ type, note }) => (type === 'text-received' ? [note] : []));

async function open(greeting: object, side = new Side()): Promise<ScriptedPeer> {
  const peer = linkPeer(true, side);
  sendTo(peer, greeting);
  await settle();
  return peer;
}

it('a note that was sent whole, and that nobody confirmed, is given back when the link ends', async () => {
  const peer = await open(confirming);
  const { side } = peer;
  for (const text of ['has it', 'has it not']) side.engine.command({ do: 'send-text', text });
  const [first, second] = [await received(peer, 'text'), await received(peer, 'text', 2)];
  sendTo(peer, { type: 'text-received', note: first.note });
  await settle();
  expect(side.of('refused')).toEqual([]);
  side.engine.command({ do: 'end', say: 'nothing' });
  expect(side.of('refused')).toMatchObject([
    { fault: { code: 'peer-left' }, text: 'has it not', note: second.note, wasTold: true },
  ]);
  expect(side.of('text').map(({ note }) => note)).toEqual([first.note, second.note]);
});

it('two of this version confirm notes to each other', async () => {
  const { a, b } = linkTwo(1);
  await a.until(() => a.of('peer-name').length > 0);
  for (const text of ['one', 'two']) a.engine.command({ do: 'send-text', text });
  await b.until(() => b.of('text').length === 2);
  await settle();
  a.engine.command({ do: 'end', say: 'nothing' });
  expect(a.of('refused')).toEqual([]);
});

it('to a peer of an older version a note has no name, and what was sent whole is taken for granted', async () => {
  const peer = await open(hello);
  const { side } = peer;
  side.engine.command({ do: 'send-text', text: 'hello' });
  expect(await received(peer, 'text')).toEqual(noteOf('hello'));
  side.engine.command({ do: 'end', say: 'nothing' });
  expect(side.of('refused')).toEqual([]);
});

it('what was not confirmed is sent again over the next control channel, in order and under the same name', async () => {
  const peer = await open(confirming);
  const { side } = peer;
  for (const text of ['one', 'two', 'three']) side.engine.command({ do: 'send-text', text });
  await received(peer, 'text', 3);
  const sent = peer.messages.filter(({ type }) => type === 'text');
  sendTo(peer, { type: 'text-received', note: sent[0]!.note });
  await settle();
  const next = changeControl(peer, confirming);
  await received(next, 'text', 2);
  side.engine.command({ do: 'send-text', text: 'four' });
  const last = await received(next, 'text', 3);
  const again = next.messages.filter(({ type }) => type === 'text');
  expect(again).toEqual([sent[1], sent[2], last]);
  expect(last.text).toBe('four');
  for (const { note } of again) sendTo(next, { type: 'text-received', note });
  await settle();
  side.engine.command({ do: 'end', say: 'nothing' });
  expect(side.of('refused')).toEqual([]);
});

it('C22 a note that comes again is confirmed again and not shown again, also over another link', async () => {
  const peer = await open(confirming);
  sendTo(peer, noteOf('hello', name), noteOf('hello', name));
  await settle();
  const next = changeControl(peer, confirming);
  sendTo(next, noteOf('hello', name));
  await settle();
  const later = await open(confirming, peer.side);
  sendTo(later, noteOf('hello', name), noteOf('hello', 'cd'.repeat(16)));
  await settle();
  expect([receipts(peer), receipts(next), receipts(later)]).toEqual([[name, name], [name], [name, 'cd'.repeat(16)]]);
  expect(shown(peer)).toEqual(['hello', 'hello']);
  expect(peer.side.of('violation')).toEqual([]);
});

it('C22 the names of no more notes than the bound are remembered', async () => {
  const clock = new VirtualClock();
  const peer = await open(confirming, new Side(new MemoryDisk(), { clock }));
  const nth = (at: number) => at.toString(16).padStart(32, '0');
  for (let at = 0; at <= notesHeardMax; at += 1) {
    sendTo(peer, noteOf('x', nth(at)));
    if (at % 100 > 0) continue;
    await settle();
    clock.advance(1_000);
  }
  await settle();
  sendTo(peer, noteOf('newest', nth(notesHeardMax)), noteOf('oldest', nth(0)));
  await settle();
  expect(shown(peer).slice(notesHeardMax + 1)).toEqual(['oldest']);
});

it('a note that a person sends once more keeps its name', async () => {
  const peer = await open(confirming);
  const { side } = peer;
  side.engine.command({ do: 'send-text', text: 'hello' });
  const { note } = await received(peer, 'text');
  const next = await open(confirming, side);
  side.engine.command({ do: 'send-text', text: 'hello', note: note as string });
  expect(await received(next, 'text')).toEqual(noteOf('hello', note as string));
  expect(side.of('text').map((told) => told.note)).toEqual([note, note]);
});

it.each([
  ['a note that nobody wrote', () => [name], ['first', 'second']],
  ['one note twice', (first: string) => [first, first], ['second']],
])('a peer that confirms %s confirms no other one', async (_what, names, unsent) => {
  const peer = await open(confirming);
  const { side } = peer;
  for (const text of ['first', 'second']) side.engine.command({ do: 'send-text', text });
  const first = await received(peer, 'text');
  for (const note of names(first.note as string)) sendTo(peer, { type: 'text-received', note });
  await settle();
  side.engine.command({ do: 'end', say: 'nothing' });
  expect(side.of('refused').map(({ text }) => text)).toEqual(unsent);
  expect(side.of('violation')).toEqual([]);
});

it('a note of which each character is escaped arrives whole', async () => {
  const { a, b } = linkTwo(1);
  await a.until(() => a.of('peer-name').length > 0);
  const text = '\u001b'.repeat(13_000);
  a.engine.command({ do: 'send-text', text });
  await expect.poll(() => [...b.of('text'), ...a.of('violation'), ...b.of('violation')].length).toBe(1);
  expect(b.of('text').map((told) => told.text)).toEqual([text]);
});
