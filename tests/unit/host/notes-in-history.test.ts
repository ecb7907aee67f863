// Notes stand in the history where the person wants that. Neither they nor offers that came to nothing push out what was sent and received.

import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  historyMaxItems,
  historyNoteMaxChars,
  historyNotesMax,
  historyNotesMaxChars,
  historyNotReceivedMax,
} from '../../../shared/wire/limits.ts';
import { openTestHost, type TestHost } from './test-host.ts';

let test: TestHost;
beforeEach(async () => {
  test = await openTestHost();
});
afterEach(() => test.close());

const list = () => test.host.ui['history.list']({});
const keep = (...texts: string[]) =>
  test.host.ui['history.addNotes']({ peerName: 'Ben', notes: texts.map((text) => ({ text, fromPeer: true })) });
const item = (at: number) => ({
  ...{ transfer: at.toString(16).padStart(32, '0'), title: `file ${at}`, peerName: 'Ben' },
  ...{ checked: true, bytes: 1, files: 1 },
  direction: 'receive' as const,
  state: 'done' as const,
});

it.each([
  { history: true, keepNotes: false },
  { history: false, keepNotes: true },
])('are kept by nobody who did not ask for both (%o)', async (settings) => {
  await test.host.ui['settings.write'](settings);
  await keep('hello');
  expect(await list()).toEqual([]);
});

it('are kept with whom and when, newest first, over a restart, until the history is cleared', async () => {
  await test.host.ui['settings.write']({ keepNotes: true });
  await test.host.engine['history.add'](item(1));
  await keep('first', 'second');
  await test.host.ui['history.addNotes']({ peerName: 'Ben', notes: [{ text: 'answer', fromPeer: false }] });
  await test.restart();
  const kept = await list();
  expect(kept.map(({ note, title }) => note ?? title)).toEqual(['answer', 'second', 'first', 'file 1']);
  expect(kept.map(({ direction }) => direction)).toEqual(['send', 'receive', 'receive', 'receive']);
  expect(kept[0]).toMatchObject({ peerName: 'Ben', canReveal: false });
  await test.host.ui['history.clear']({});
  expect(await list()).toEqual([]);
});

it('are bounded in number and in all, and leave before what was sent and received does', async () => {
  await test.host.ui['settings.write']({ keepNotes: true });
  for (let at = 0; at < 5; at += 1) await test.host.engine['history.add'](item(at));
  const many = Array.from({ length: historyNotesMax }, (_, at) => `note ${at}`);
  await keep(...many);
  await keep('the newest');
  const kept = await list();
  expect(kept.filter(({ note }) => note !== undefined)).toHaveLength(historyNotesMax);
  expect(kept[0]?.note).toBe('the newest');
  expect(kept.filter(({ note }) => note === undefined)).toHaveLength(5);
  const long = 'x'.repeat(historyNoteMaxChars);
  await keep(...Array.from({ length: 40 }, () => long));
  const chars = (await list()).reduce((sum, { note = '' }) => sum + note.length, 0);
  expect(chars).toBeLessThanOrEqual(historyNotesMaxChars);
  expect(await list()).toHaveLength(5 + historyNotesMaxChars / historyNoteMaxChars);
  expect(historyNotesMax).toBeLessThan(historyMaxItems);
});

it('a transfer that stopped and went on later has one entry, that of its end', async () => {
  const add = test.host.engine['history.add'];
  await add({ ...item(1), state: 'failed' });
  await add({ ...item(2), state: 'failed' });
  await add({ ...item(1), direction: 'send', state: 'failed' });
  await add(item(1));
  expect((await list()).map(({ direction, state, title }) => [title, direction, state])).toEqual([
    ['file 1', 'receive', 'done'],
    ['file 1', 'send', 'failed'],
    ['file 2', 'receive', 'failed'],
  ]);
});

it('offers that came to nothing, however many somebody makes, leave before what was sent and received does', async () => {
  const add = test.host.engine['history.add'];
  await add(item(1));
  await add({ ...item(2), direction: 'send', state: 'declined' });
  const states = ['cancelled', 'declined', 'failed'] as const;
  for (let at = 3; at < historyMaxItems + 10; at += 1) await add({ ...item(at), state: states[at % 3]! });
  const titles = (await list()).map(({ title }) => title);
  expect(titles.slice(-2)).toEqual(['file 2', 'file 1']);
  expect(titles).toHaveLength(historyNotReceivedMax + 2);
  expect(titles[0]).toBe(`file ${historyMaxItems + 9}`);
});
