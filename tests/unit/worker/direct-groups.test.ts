import { describe, expect, it } from 'vitest';
import { sendInGroups } from '../../../renderer/worker/direct-groups.ts';
import { join } from '../../../shared/model/bytes.ts';
import { directBlocksPerCall } from '../../../shared/wire/limits.ts';

type Send = Parameters<typeof sendInGroups>[0];
const read = { is: 'read' as const, isSent: true, faults: [] };
const hashesOf = (blocks: readonly number[]) => join(blocks.map((block) => new Uint8Array(32).fill(block)));

function recordedSend(): { readonly calls: (readonly [number, readonly number[]])[]; readonly send: Send } {
  const calls: (readonly [number, readonly number[]])[] = [];
  return {
    calls,
    send: async (attempt, blocks) => {
      calls.push([attempt, [...blocks]]);
      return { hashes: hashesOf(blocks), outcomes: blocks.map(() => read) };
    },
  };
}

describe('blocks for the direct lane', () => {
  it('that are given in one turn go to the host in one call, each with its own answer', async () => {
    const { calls, send } = recordedSend();
    const sendDirect = sendInGroups(send);
    const sent = await Promise.all([4, 9].map((block) => sendDirect(1, block)));
    expect(calls).toEqual([[1, [4, 9]]]);
    expect(sent.map(({ hash }) => hash?.[0])).toEqual([4, 9]);
  });

  it('of another attempt, of a later turn, or beyond the bound of a call go in a call of their own', async () => {
    const { calls, send } = recordedSend();
    const sendDirect = sendInGroups(send);
    const many = Array.from({ length: directBlocksPerCall + 1 }, (_, block) => block);
    await Promise.all([...many.map((block) => sendDirect(1, block)), sendDirect(2, 0)]);
    await sendDirect(2, 1);
    expect(calls).toEqual([
      [1, many.slice(0, -1)],
      [1, many.slice(-1)],
      [2, [0]],
      [2, [1]],
    ]);
  });

  it('that were not read because the lane was gone have no hash', async () => {
    const sendDirect = sendInGroups(async () => ({ hashes: hashesOf([0, 7]), outcomes: [{ is: 'gone' }, read] }));
    const [gone, sent] = await Promise.all([4, 7].map((block) => sendDirect(1, block)));
    expect(gone).toEqual({ isSent: false, hash: undefined, faults: [] });
    expect(sent).toMatchObject({ isSent: true, hash: hashesOf([7]) });
  });

  it('fail one by one', async () => {
    const sendDirect = sendInGroups(async () => ({
      hashes: hashesOf([0, 1]),
      outcomes: [{ is: 'fault', fault: { code: 'source-too-many-open', message: '' } }, read],
    }));
    const [first, second] = [sendDirect(1, 0), sendDirect(1, 1)];
    await expect(first).rejects.toMatchObject({ code: 'source-too-many-open' });
    await expect(second).resolves.toMatchObject({ isSent: true });
  });
});
