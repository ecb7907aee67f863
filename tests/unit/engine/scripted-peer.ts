// Our engine, real, and a peer on the other end of the wires that says what a test makes it say.

import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { decodeFrame, encodeFrame } from '../../../shared/wire/frame.ts';
import { controlOver, laneOver, Side, type Wire, wirePair } from './engine-pair.ts';
import type { MemoryFile } from './memory-files.ts';

export type ScriptedPeer = {
  readonly side: Side;
  readonly control: Wire<string | Uint8Array<ArrayBuffer>>;
  readonly lane: Wire<Uint8Array<ArrayBuffer> | string>;
  /** What our engine said, parsed. */
  readonly messages: Heard[];
  /** Blocks whose last frame came, in order. */
  readonly blocks: number[];
};
type Heard = { readonly type: string } & Readonly<Record<string, unknown>>;
export const id = 'ab'.repeat(16);
export const hello = { type: 'hello', version: 1, app: 'x', name: 'x', features: [] };
export const offer = {
  type: 'offer',
  transfer: id,
  tag: 7,
  secret: '00'.repeat(32),
  title: 't',
  totals: { files: 1, folders: 0, bytes: 3000 },
  skipped: 0,
};
export const entries = [{ kind: 'file', path: ['a'], size: 3000, mtimeMs: 0, executable: false }];
export const manifest = { type: 'manifest', transfer: id, part: 0, last: true, entries };
export const frame = (offset: number, bytes: number, block = 0, tag = 7, last = false) =>
  encodeFrame({ tag, block, offset }, new Uint8Array(bytes), last ? new Uint8Array(32) : undefined);

export function linkPeer(authorized: boolean, side = new Side()): ScriptedPeer {
  const [ours, control] = wirePair<string | Uint8Array<ArrayBuffer>>();
  const [ourLane, lane] = wirePair<Uint8Array<ArrayBuffer> | string>();
  side.engine.addControl(1, controlOver(ours));
  side.engine.addLane(1, laneOver(ourLane));
  side.engine.command({
    do: 'adopt',
    connection: 1,
    maxMessageBytes: 262_144,
    binding: new Uint8Array(32),
    fresh: true,
  });
  if (authorized) side.engine.command({ do: 'authorize', peerName: 'x', checked: false });
  const peer: ScriptedPeer = { side, control, lane, messages: [], blocks: [] };
  control.onItem = (text) => peer.messages.push(JSON.parse(String(text)) as Heard);
  listen(peer, lane);
  return peer;
}

/** What an honest peer with the other half of everything that is kept would send on this link. */
export async function proofsOf({ side }: ScriptedPeer, direction: 'send' | 'receive'): Promise<string[]> {
  const kept = await side.disk.claims();
  return kept.map(({ secret }) =>
    createHash('sha256')
      .update(`tincan/resume/1|${secret}|${'00'.repeat(32)}|${direction}`)
      .digest('hex'),
  );
}

function listen({ blocks }: ScriptedPeer, lane: Wire<Uint8Array<ArrayBuffer> | string>): void {
  lane.onItem = (message) => {
    const read = decodeFrame(message as Uint8Array<ArrayBuffer>);
    if (!('refused' in read) && read.hash !== undefined) blocks.push(read.block);
  };
}

/** One more lane, from the peer's end. */
export function addLane(peer: ScriptedPeer, connection: number): Wire<Uint8Array<ArrayBuffer> | string> {
  const [ours, theirs] = wirePair<Uint8Array<ArrayBuffer> | string>();
  peer.side.engine.addLane(connection, laneOver(ours));
  peer.side.engine.command({ do: 'lane', connection, maxMessageBytes: 262_144 });
  listen(peer, theirs);
  return theirs;
}

/** The same peer over another control, as after a cut that no feeding mended. */
export function changeControl(peer: ScriptedPeer, greeting: unknown = hello): ScriptedPeer {
  const [ours, control] = wirePair<string | Uint8Array<ArrayBuffer>>();
  const next: ScriptedPeer = { ...peer, control, messages: [] };
  control.onItem = (text) => next.messages.push(JSON.parse(String(text)) as Heard);
  peer.side.engine.addControl(2, controlOver(ours));
  const binding = new Uint8Array(32);
  peer.side.engine.command({ do: 'adopt', connection: 2, maxMessageBytes: 262_144, binding, fresh: false });
  sendTo(next, greeting);
  return next;
}

/** Resolves with the nth message of a type. */
export async function received({ messages }: ScriptedPeer, type: string, nth = 1): Promise<Heard> {
  const found = () => messages.filter((message) => message.type === type)[nth - 1];
  await vi.waitFor(() => expect(found()).toBeDefined(), { interval: 2, timeout: 5_000 });
  return found()!;
}

/** A turn of the wires: everything that was on its way has arrived, and what it set off as well. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export type Offered = { readonly transfer: string; readonly tag: number };

/** Our side offers these files; the peer has messages all of the list and has not answered. */
export async function offeredBy(
  peer: ScriptedPeer,
  files: readonly MemoryFile[],
  greeting: unknown = hello,
): Promise<Offered> {
  const { side } = peer;
  side.disk.files = files;
  sendTo(peer, greeting);
  await side.until(() => side.of('peer-name').length > 0);
  side.engine.command({ do: 'send-items', items: ['x'] });
  const { transfer, tag } = await received(peer, 'offer');
  await received(peer, 'manifest');
  return { transfer: transfer as string, tag: tag as number };
}

export const sendTo = ({ control }: ScriptedPeer, ...messages: unknown[]) => {
  for (const message of messages) {
    const bytes = message instanceof Uint8Array ? Uint8Array.from(message) : undefined;
    control.post(bytes ?? (typeof message === 'string' ? message : JSON.stringify(message)), 0);
  }
};

/** One violation, nothing published, and the link is over. */
export async function refused({ side }: ScriptedPeer): Promise<void> {
  await side.until(() => side.of('violation').length > 0);
  await settle(3);
  expect(side.of('violation')).toHaveLength(1);
  expect(side.disk.published.size).toBe(0);
  side.engine.close();
}
