import { describe, expect, it } from 'vitest';
import { openPageFiles } from '../../../renderer/worker/page-files.ts';
import { pageSendsKeptMax } from '../../../shared/wire/limits.ts';

const secret = 'cd'.repeat(32);
const picked = {
  is: 'files',
  secret,
  files: [{ path: ['a.txt'], file: new File(['hello'], 'a.txt') }],
  emptyFolders: [],
} as const;

describe('files that the page holds', () => {
  it('are claimed and found again until their transfer is over for good', async () => {
    const page = openPageFiles();
    expect(page.held('first')).toBeUndefined();
    const source = page.hold('first', picked);
    page.hold('second', picked);
    await source.close(true);
    expect(page.claims()).toEqual([
      { id: 'second', secret, direction: 'send' },
      { id: 'first', secret, direction: 'send' },
    ]);
    const again = page.held('first')!;
    expect(await again.reopen()).toMatchObject({ title: 'a.txt', totals: { bytes: 5 } });
    await again.select('all');
    expect(Buffer.from((await again.read(0)).bytes).toString()).toBe('hello');
    await again.close(false);
    expect(page.held('first')).toBeUndefined();
    expect(page.claims()).toEqual([{ id: 'second', secret, direction: 'send' }]);
  });

  it('are taken up with what was chosen of them', async () => {
    const source = openPageFiles().hold('first', picked);
    expect(await source.reopen()).not.toHaveProperty('selection');
    await source.select([[0, 1]]);
    expect(await source.reopen()).toMatchObject({ selection: [[0, 1]] });
  });

  it('are let go, the oldest first, where nobody ends their transfers', () => {
    const page = openPageFiles();
    for (let at = 0; at <= pageSendsKeptMax; at += 1) page.hold(`transfer ${at}`, picked);
    expect(page.held('transfer 0')).toBeUndefined();
    expect(page.claims()).toHaveLength(pageSendsKeptMax);
  });
});
