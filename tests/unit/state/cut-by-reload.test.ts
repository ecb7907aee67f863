// A page that is loaded again in a browser: files that were chosen in the page before it cannot be sent any further.

import { expect, it } from 'vitest';
import type { CutByReload } from '../../../renderer/state/ports.ts';
import type { TransferView } from '../../../shared/model/transfer.ts';
import { openBench, transfer } from './stage.ts';

const nothing: CutByReload = { sending: [], staged: [] };

/** `before`: what the page before left. */
function openPage({ shell = 'browser', before = nothing }: { shell?: 'browser' | 'guest'; before?: CutByReload } = {}) {
  let left = () => nothing;
  const bench = openBench(shell, {
    window: {
      ...openBench().ports.window,
      fromPageBefore: () => before,
      leaveForNextPage: (what) => {
        left = what;
        return () => undefined;
      },
    },
  });
  const { actions, store } = bench.tincan;
  const sentNow = () => (bench.commands.at(-1) as unknown as { transfer: string }).transfer;
  return {
    ...bench,
    left: () => left(),
    said: () => store.getState().toasts.map(({ say }) => say),
    pick(name: string): string {
      actions.pastedFiles([Object.assign(new File(['x'], name), { webkitRelativePath: '' })]);
      return sentNow();
    },
    async stage(name: string): Promise<string> {
      await bench.pick([{ id: name, name, kind: 'file' }]);
      return sentNow();
    },
  };
}

it.each([
  { sending: ['film.mkv'], staged: [] },
  { sending: [], staged: ['letter.txt', 'photos'] },
])('says once which transfers cannot go on, and what no longer waits: %o', (before) => {
  expect(openPage({ before }).said()).toEqual([{ is: 'cut', ...before }]);
  expect(openPage().said()).toEqual([]);
});

it.each([
  [{ state: 'offered' }, true],
  [{ state: 'waiting', title: '' }, true],
  [{ state: 'sending' }, true],
  [{ state: 'paused', pause: 'link' }, true],
  [{ state: 'failed', resumable: true }, true],
  [{ state: 'failed', resumable: false }, false],
  [{ state: 'verifying' }, false],
  [{ state: 'done' }, false],
  [{ state: 'declined' }, false],
  [{ state: 'cancelled' }, false],
] as const satisfies readonly [Partial<TransferView>, boolean][])(
  'leaves for the next page what is %o: %s',
  (change, isCut) => {
    const { emit, left, pick } = openPage();
    emit(transfer(1, { id: pick('a.txt'), title: 'a.txt', ...change }));
    expect(left()).toEqual({ sending: isCut ? ['a.txt'] : [], staged: [] });
  },
);

it('leaves nothing of what the host can read, of what is received, and of what is being cancelled', async () => {
  const { emit, left, pick, stage, tincan } = openPage();
  emit(transfer(1, { id: await stage('b.txt') }));
  emit(transfer(2, { direction: 'receive', state: 'receiving' }));
  const id = pick('a.txt');
  emit(transfer(3, { id }));
  expect(left().sending).toHaveLength(1);
  tincan.actions.cancel(id);
  expect(left()).toEqual(nothing);
});

it('leaves what waits to be sent and only the page has', () => {
  const { left, show, tincan } = openPage();
  const { actions, store } = tincan;
  show({ at: 'pairing', code: { at: 'making' } });
  actions.addEarlier([{ id: 'b', name: 'b.txt', kind: 'file' }]);
  actions.pickedFiles(
    ['photos/1.jpg', 'photos/2.jpg', ''].map((webkitRelativePath, at) =>
      Object.assign(new File(['x'], `${at}.jpg`), { webkitRelativePath }),
    ),
  );
  expect(left()).toEqual({ sending: [], staged: ['2.jpg', 'photos'] });
  actions.removeFromOutbox(store.getState().staged.find(({ name }) => name === 'photos')!);
  expect(left().staged).toEqual(['2.jpg']);
});

it('leaves what is still being read, until it waits', async () => {
  const { left, show, tincan } = openPage();
  show({ at: 'pairing', code: { at: 'making' } });
  const picked = Array.from({ length: 2_500 }, (_, at) =>
    Object.assign(new File(['x'], `${at}`), { webkitRelativePath: `photos/${at}.jpg` }),
  );
  tincan.actions.pickedFiles(picked);
  const folder = { isFile: false, name: 'films', createReader: () => ({ readEntries: () => undefined }) };
  const items = [{ kind: 'file', webkitGetAsEntry: () => folder }];
  tincan.actions.dropped({ items, files: [] } as unknown as DataTransfer);
  expect(left()).toEqual({ sending: [], staged: ['photos', 'films'] });
  await expect.poll(() => tincan.store.getState().staged.length).toBe(1);
  expect(left().staged).toEqual(['photos', 'films']);
});

it('leaves nothing on a guest page, which asks before it is left', () => {
  const { emit, left, pick, said } = openPage({ shell: 'guest', before: { sending: ['film.mkv'], staged: [] } });
  emit(transfer(1, { id: pick('a.txt') }));
  expect([left(), said()]).toEqual([nothing, []]);
});
