// Events of the engine take a while: what was said over a link that was replaced since is not taken for the word of the peer there is now.

import { expect, it } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import { notesDrawEveryMs } from '../../../shared/wire/limits.ts';
import { idOf, openBench } from './stage.ts';

const earlier = stageConnection + 1;

it('C18 what an earlier peer offered, wrote and said of itself is not shown as of the present one', () => {
  const { emit, tincan, calls } = openBench();
  emit({ is: 'peer-name', connection: earlier, name: 'Firefox (Linux)', isGuest: true });
  emit({ is: 'text', connection: earlier, text: 'pay here', fromPeer: true });
  emit({ is: 'offer', connection: earlier, transfer: idOf(9), plan });
  expect(tincan.store.getState()).toMatchObject({ isGuestPeer: false, texts: [], offers: [] });
  expect(calls.filter(({ name }) => name.startsWith('offer.'))).toEqual([]);
  emit({ is: 'text', connection: stageConnection, text: 'hello', fromPeer: true });
  expect(tincan.store.getState().texts.map(({ text }) => text)).toEqual(['hello']);
});

it('notes that wait to be drawn when the link ends are kept with the name of who wrote them', () => {
  const bench = openBench();
  const { actions, store } = bench.tincan;
  actions.applySettings({ ...store.getState().settings, keepNotes: true });
  for (const text of ['one', 'two']) bench.emit({ is: 'text', connection: stageConnection, text, fromPeer: true });
  bench.show({ at: 'reconnecting', peer: { name: 'Ben', trust: { at: 'unchecked' } } as never, sinceMs: 0 });
  bench.show({ at: 'linked', peer: { name: 'Carl', trust: { at: 'asking', digits: '402917' } } as never });
  bench.runTimers(notesDrawEveryMs);
  const kept = bench.calls.filter(({ name }) => name === 'history.addNotes').map(({ input }) => input);
  expect(kept).toMatchObject([
    { peerName: 'Ben', notes: [{ text: 'one' }] },
    { peerName: 'Ben', notes: [{ text: 'two' }] },
  ]);
});
