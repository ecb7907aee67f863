// Every message in every state of a transfer, said to the real engine: what may come is what the document says, and whatever
// else comes ends the link.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import {
  hear,
  hello,
  id,
  manifest,
  meet,
  type Offered,
  offer,
  offeredBy,
  type Stranger,
  say,
  settle,
} from './stranger.ts';

const bytes = new Uint8Array(3000);
const hash = createHash('sha256').update(bytes).digest();
const root = createHash('sha256').update(hash).digest('hex');

/** One of each, as sound as can be: only its turn may be wrong. */
const messages = ({ transfer, tag }: Offered): Readonly<Record<string, object>> => ({
  offer: { ...offer, transfer, tag },
  manifest: { ...manifest, transfer },
  'digest-request': { type: 'digest-request', transfer, indexes: [0] },
  digests: { type: 'digests', transfer, digests: [null] },
  choose: { type: 'choose', transfer, ranges: [[0, 1]] },
  held: { type: 'held', transfer, ranges: [[0, 1]] },
  accept: { type: 'accept', transfer, tag, all: true, credit: 1 },
  decline: { type: 'decline', transfer },
  stored: { type: 'stored', transfer, tag, ranges: [[0, 1]], credit: 1 },
  nack: { type: 'nack', transfer, tag, block: 0, why: 'unwritten' },
  pause: { type: 'pause', transfer, why: 'person' },
  resume: { type: 'resume', transfer, why: 'person' },
  'file-faults': { type: 'file-faults', transfer, faults: [{ index: 0, code: 'source-missing' }] },
  complete: { type: 'complete', transfer, tag, root },
  delivered: { type: 'delivered', transfer, root, faults: [], faultCount: 0 },
  closed: { type: 'closed', transfer },
  continue: { type: 'continue', transfer, tag: 9 },
  again: { type: 'again', transfer },
  cancel: { type: 'cancel', transfer },
});

type Reached = { readonly stranger: Stranger; readonly at: Offered };

async function receivingUpTo(state: string): Promise<Reached> {
  const stranger = meet(true);
  const at = { transfer: id, tag: offer.tag };
  if (state === 'asking') stranger.side.autoAccept = undefined;
  if (state === 'verifying') stranger.side.disk.publishing = new Promise(() => undefined);
  say(stranger, hello, offer);
  if (state === 'listing') return { stranger, at };
  say(stranger, manifest);
  if (state === 'asking') {
    await stranger.side.until(() => stranger.side.of('offer').length > 0);
    return { stranger, at };
  }
  await stranger.side.reached('receiving');
  if (state === 'cancelled') stranger.side.engine.command({ do: 'cancel', transfer: id });
  if (state === 'receiving' || state === 'cancelled') return { stranger, at };
  stranger.lane.post(encodeFrame({ tag: offer.tag, block: 0, offset: 0 }, bytes, hash), 0);
  await hear(stranger, 'stored');
  say(stranger, { type: 'complete', transfer: id, tag: offer.tag, root });
  await stranger.side.reached(state);
  return { stranger, at };
}

async function sendingUpTo(state: string): Promise<Reached> {
  const stranger = meet(true);
  const at = await offeredBy(stranger, [{ path: ['a'], bytes }]);
  if (state === 'cancelled') stranger.side.engine.command({ do: 'cancel', transfer: at.transfer });
  if (state === 'offered' || state === 'cancelled') return { stranger, at };
  say(stranger, messages(at).accept);
  await expect.poll(() => stranger.blocks.length, { interval: 2, timeout: 10_000 }).toBe(1);
  if (state === 'sending') return { stranger, at };
  say(stranger, messages(at).stored);
  await hear(stranger, 'complete');
  if (state === 'done') say(stranger, messages(at).delivered);
  await stranger.side.reached(state);
  return { stranger, at };
}

const document = readFileSync(new URL('../../../docs/STATES.md', import.meta.url), 'utf8');

/** `| message | cell | cell |` under a title; the head names the states. */
function tableOf(title: string): { state: string; message: string; ends: boolean }[] {
  const section = document.split(`\n#### ${title}\n`)[1]!.split('\n#')[0]!;
  const [head, , ...rows] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  return rows.flatMap(([message, ...cells]) =>
    cells.map((cell, column) => ({ state: head![column + 1]!, message: message!, ends: cell === '✕' })),
  );
}

describe.each([
  ['What may come of a transfer that we receive', receivingUpTo],
  ['What may come of a transfer that we send', sendingUpTo],
] as const)('%s (C3)', (title, upTo) => {
  const table = tableOf(title);

  it('is said of every message', () => {
    const all = Object.keys(messages({ transfer: id, tag: 0 }));
    expect([...new Set(table.map(({ message }) => message))]).toEqual(all);
  });

  it.each(table)('in $state, $message: ends the link is $ends', async ({ state, message, ends }) => {
    const { stranger, at } = await upTo(state);
    await settle(3);
    expect(stranger.side.of('violation')).toEqual([]);
    say(stranger, messages(at)[message]);
    await settle(6);
    expect(stranger.side.of('violation').length > 0).toBe(ends);
    stranger.side.engine.close();
  });
});
