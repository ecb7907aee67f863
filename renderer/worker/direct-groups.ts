// Blocks that are given to the direct lane in one turn go to the host in one call.

import type { DirectSent } from '../../engine/ports.ts';
import type { CallOutput } from '../../shared/ipc/calls.ts';
import type { EngineCalls } from '../../shared/ipc/contract.ts';
import { hashAt } from '../../shared/model/bytes.ts';
import { Fault } from '../../shared/model/fault.ts';
import { directBlocksPerCall } from '../../shared/wire/limits.ts';

type Answer = CallOutput<EngineCalls, 'direct.send'>;
type Group = { readonly attempt: number; readonly blocks: number[]; readonly answered: Promise<Answer> };

export function sendInGroups(
  send: (attempt: number, blocks: number[]) => Promise<Answer>,
): (attempt: number, block: number) => Promise<DirectSent> {
  let open: Group | undefined;

  function begin(attempt: number): Group {
    const blocks: number[] = [];
    const answered = Promise.resolve().then(() => {
      if (open?.blocks === blocks) open = undefined;
      return send(attempt, blocks);
    });
    return { attempt, blocks, answered };
  }

  return async (attempt, block) => {
    if (open?.attempt !== attempt || open.blocks.length === directBlocksPerCall) open = begin(attempt);
    const { blocks, answered } = open;
    const at = blocks.push(block) - 1;
    const answer = await answered;
    const outcome = answer.outcomes[at];
    if (outcome === undefined) throw new Fault('internal', 'the host left out a block');
    if (outcome.is === 'fault') throw new Fault(outcome.fault.code, outcome.fault.message);
    if (outcome.is === 'gone') return { isSent: false, hash: undefined, faults: [] };
    return { ...outcome, hash: hashAt(answer.hashes, at) };
  };
}
