import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openPageFiles } from '../../../renderer/worker/page-files.ts';
import { blockBytes, manifestMaxEntries, pageSendsKeptMax, pathMaxDepth } from '../../../shared/wire/limits.ts';

const secret = 'cd'.repeat(32);
const parts = { sendBytes: async () => false, draw: undefined };
const picked = {
  is: 'files',
  secret,
  files: [{ path: ['a.txt'], file: new File(['hello'], 'a.txt') }],
  emptyFolders: [],
} as const;

describe('files that the page holds', () => {
  it('are claimed and found again until their transfer is over for good', async () => {
    const page = openPageFiles(parts);
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

  it('are left out by name where the other side would refuse everything for one of them', async () => {
    const named = (path: string) => ({ path: path.split('/'), file: new File(['x'], path) });
    const files = ['1.txt', 'a:b?c.txt', 'trip/C:evil', '2.txt'].map(named);
    const source = openPageFiles(parts).hold('first', { ...picked, files, emptyFolders: [['d:']] });
    const opened = await source.open('Ben');
    expect(opened.totals).toEqual({ files: 2, folders: 0, bytes: 2 });
    expect(opened.skipped).toEqual([['d:'], ['a:b?c.txt'], ['trip', 'C:evil']].map((path) => ({ path, why: 'name' })));
    const { entries } = await source.manifest(0);
    expect(entries.map(({ path }) => path.join('/'))).toEqual(['1.txt', '2.txt']);
    const alone = openPageFiles(parts).hold('second', { ...picked, files: [named('a:b')] });
    await expect(alone.open('Ben')).rejects.toMatchObject({ code: 'name-unsendable' });
  });

  it('are left out by name where they lie too deep or the browser did not hand them over', async () => {
    const deep = Array.from({ length: pathMaxDepth + 1 }, () => 'd');
    const file = new File(['x'], 'x');
    const files = [deep, deep.slice(1), ['x']].map((path) => ({ path, file }));
    const source = openPageFiles(parts).hold('first', { ...picked, files: [...files, { path: ['y'], file: null }] });
    const opened = await source.open('Ben');
    expect([opened.totals.files, opened.skipped]).toEqual([
      2,
      [
        { path: deep, why: 'deep' },
        { path: ['y'], why: 'unreadable' },
      ],
    ]);
  });

  it('are refused where there are more than one offer may have', async () => {
    const file = new File(['x'], 'x');
    const files = Array.from({ length: manifestMaxEntries + 1 }, (_, at) => ({ path: [`${at}`], file }));
    const source = openPageFiles(parts).hold('first', { ...picked, files });
    await expect(source.open('Ben')).rejects.toMatchObject({ code: 'manifest-too-large' });
  });

  it('are called on both sides by the first of them and how many more there are', async () => {
    const named = (path: string) => ({ path: path.split('/'), file: new File(['x'], path) });
    const titled = async (...paths: string[]) => {
      const source = openPageFiles(parts).hold(paths.join(), { ...picked, files: paths.map(named) });
      return (await source.open('Ben')).title;
    };
    expect(await titled('a.txt')).toBe('a.txt');
    expect(await titled('trip/a.txt', 'trip/b.txt')).toBe('trip');
    expect(await titled('a.txt', 'b.txt', 'trip/c.txt', 'trip/d.txt')).toBe('a.txt + 2');
  });

  it('are in memory one at a time while their digests are made, however many the other side asks for at once', async () => {
    let inMemory = 0;
    let most = 0;
    class CountedFile extends File {
      override async arrayBuffer(): Promise<ArrayBuffer> {
        inMemory += 1;
        most = Math.max(most, inMemory);
        const bytes = await super.arrayBuffer();
        inMemory -= 1;
        return bytes;
      }
    }
    const files = Array.from({ length: 40 }, (_, at) => ({
      path: [`${at}`],
      file: new CountedFile([`${at}`], `${at}`),
    }));
    const page = openPageFiles(parts);
    const indexes = files.map((_, at) => at);
    const asked = ['first', 'second'].flatMap((id) => {
      const source = page.hold(id, { ...picked, files });
      return [source.digests(indexes), source.digests(indexes)];
    });
    const expected = indexes.map((at) => createHash('sha256').update(`${at}`).digest('hex'));
    expect(await Promise.all(asked)).toEqual([expected, expected, expected, expected]);
    expect(most).toBe(1);
  });

  it('are not read for their digests any more once their transfer is put away', async () => {
    let read = 0;
    const putAway = Promise.withResolvers<void>();
    class CountedFile extends File {
      override async arrayBuffer(): Promise<ArrayBuffer> {
        read += 1;
        await putAway.promise;
        return super.arrayBuffer();
      }
    }
    const files = Array.from({ length: 40 }, (_, at) => ({
      path: [`${at}`],
      file: new CountedFile([`${at}`], `${at}`),
    }));
    const page = openPageFiles(parts);
    const first = page.hold('first', { ...picked, files });
    const asked = first.digests(files.map((_, at) => at));
    await first.close(false);
    putAway.resolve();
    expect(await page.hold('second', picked).digests([0])).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(read).toBeLessThanOrEqual(1);
    await asked;
  });

  it('are drawn small by what can draw, and not where nothing can', async () => {
    expect(openPageFiles(parts).hold('first', picked).thumbnail).toBeUndefined();
    const draw = async (picture: Blob) => `of ${await picture.text()}`;
    const source = openPageFiles({ ...parts, draw }).hold('second', picked);
    expect(await source.thumbnail?.(0)).toBe('of hello');
  });

  it('are taken up with what was chosen of them', async () => {
    const source = openPageFiles(parts).hold('first', picked);
    expect(await source.reopen()).not.toHaveProperty('selection');
    await source.select([[0, 1]]);
    expect(await source.reopen()).toMatchObject({ selection: [[0, 1]] });
  });

  it('are read in a new attempt whatever a read of the attempt before finds in the end', async () => {
    const late = Promise.withResolvers<ArrayBuffer>();
    let isLate = true;
    class SlowFile extends File {
      override slice(from = 0, to = 0): Blob {
        const piece = new Blob([new Uint8Array(to - from).fill(7)]);
        if (isLate) piece.arrayBuffer = () => late.promise;
        return piece;
      }
      override get size(): number {
        return 2 * blockBytes;
      }
    }
    const files = [{ path: ['a'], file: new SlowFile(['x'], 'a') }];
    const source = openPageFiles(parts).hold('first', { ...picked, files });
    await source.select('all');
    const earlier = source.read(1);
    await source.select('all');
    isLate = false;
    late.reject(new DOMException('it changed', 'NotReadableError'));
    expect((await earlier).faults).toEqual([{ index: 0, code: 'source-changed' }]);
    const { bytes, faults } = await source.read(0);
    expect({ first: bytes[0], faults }).toEqual({ first: 7, faults: [] });
  });

  it('go over the direct lane as bytes that the page read, with their hash', async () => {
    const sent: { readonly attempt: number; readonly text: string; readonly hash: string }[] = [];
    const page = openPageFiles({
      ...parts,
      sendBytes: async (attempt, _block, { bytes, hash }) => {
        sent.push({ attempt, text: Buffer.from(bytes).toString(), hash: Buffer.from(hash).toString('hex') });
        return true;
      },
    });
    const source = page.hold('first', picked);
    await source.select('all');
    expect(await source.sendDirect(7, 0, AbortSignal.any([]))).toMatchObject({ isSent: true, faults: [] });
    const hash = createHash('sha256').update('hello').digest('hex');
    expect(sent).toEqual([{ attempt: 7, text: 'hello', hash }]);
  });

  it('do not go over a direct lane once their attempt is over: it may be that of another computer by then', async () => {
    let sent = 0;
    const sendBytes = async () => {
      sent += 1;
      return true;
    };
    const source = openPageFiles({ ...parts, sendBytes }).hold('first', picked);
    await source.select('all');
    const attempt = new AbortController();
    const sending = source.sendDirect(7, 0, attempt.signal);
    attempt.abort();
    await expect(sending).rejects.toThrow();
    expect(sent).toBe(0);
  });

  it('are dropped, the oldest first, where nobody ends their transfers', () => {
    const page = openPageFiles(parts);
    for (let at = 0; at <= pageSendsKeptMax; at += 1) page.hold(`transfer ${at}`, picked);
    expect(page.held('transfer 0')).toBeUndefined();
    expect(page.claims()).toHaveLength(pageSendsKeptMax);
  });
});
