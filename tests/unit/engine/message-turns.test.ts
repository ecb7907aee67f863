// Every message in every state of a transfer, said to the real engine: what may come is what the document says, and whatever
// else comes ends the link.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import {
  hello,
  id,
  linkPeer,
  manifest,
  type Offered,
  offer,
  offeredBy,
  received,
  type ScriptedPeer,
  sendTo,
  settle,
} from './scripted-peer.ts';

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

type Reached = { readonly peer: ScriptedPeer; readonly at: Offered };

async function receivingUpTo(state: string): Promise<Reached> {
  const peer = linkPeer(true);
  const at = { transfer: id, tag: offer.tag };
  if (state === 'asking') peer.side.autoAccept = undefined;
  if (state === 'verifying') peer.side.disk.publishing = new Promise(() => undefined);
  sendTo(peer, hello, offer);
  if (state === 'listing') return { peer, at };
  sendTo(peer, manifest);
  if (state === 'asking') {
    await peer.side.until(() => peer.side.of('offer').length > 0);
    return { peer, at };
  }
  await peer.side.reached('receiving');
  if (state === 'cancelled') peer.side.engine.command({ do: 'cancel', transfer: id });
  if (state === 'receiving' || state === 'cancelled') return { peer, at };
  peer.lane.post(encodeFrame({ tag: offer.tag, block: 0, offset: 0 }, bytes, hash), 0);
  await received(peer, 'stored');
  sendTo(peer, { type: 'complete', transfer: id, tag: offer.tag, root });
  await peer.side.reached(state);
  return { peer, at };
}

async function sendingUpTo(state: string): Promise<Reached> {
  const peer = linkPeer(true);
  const at = await offeredBy(peer, [{ path: ['a'], bytes }]);
  if (state === 'cancelled') peer.side.engine.command({ do: 'cancel', transfer: at.transfer });
  if (state === 'offered' || state === 'cancelled') return { peer, at };
  sendTo(peer, messages(at).accept);
  await expect.poll(() => peer.blocks.length, { interval: 2, timeout: 10_000 }).toBe(1);
  if (state === 'sending') return { peer, at };
  sendTo(peer, messages(at).stored);
  await received(peer, 'complete');
  if (state === 'done') sendTo(peer, messages(at).delivered);
  await peer.side.reached(state);
  return { peer, at };
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
    const { peer, at } = await upTo(state);
    await settle(3);
    expect(peer.side.of('violation')).toEqual([]);
    sendTo(peer, messages(at)[message]);
    await settle(6);
    expect(peer.side.of('violation').length > 0).toBe(ends);
    peer.side.engine.close();
  });
});
