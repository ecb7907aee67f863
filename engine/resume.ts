// Resuming transfers of earlier links: both sides send proofs of what they still have, first thing on every control channel, since
// what was sent on the one before may not have been heard. What both have the sender begins again and the receiver finds again.
// Whoever knows a transfer only from an earlier link takes it up on a proof, and on nothing else. A proof is a hash that nobody can
// make, or recognise, without the transfer's secret.

import { sha256, toHex } from '../shared/model/bytes.ts';
import type { Direction, TransferId } from '../shared/model/transfer.ts';
import { resumeClaimsMax } from '../shared/wire/limits.ts';
import type { Disk, KeptTransfer } from './ports.ts';
import type { TransferContext } from './status/transfer-status.ts';
import type { Transfers } from './transfers.ts';

export class Resume {
  readonly #disk: Disk;
  readonly #transfers: Transfers;
  #binding: Uint8Array = new Uint8Array();
  /** What the peer proved on this control channel. */
  #matching: Promise<void> | undefined;
  /** Proven by the peer, to be received again. */
  readonly #proven = new Set<TransferId>();
  /** Ends with the link: what is compared then takes up nothing. */
  #link = new AbortController();

  constructor(disk: Disk, transfers: Transfers) {
    this.#disk = disk;
    this.#transfers = transfers;
  }

  onAdopted(binding: Uint8Array): void {
    this.#binding = binding;
    this.#matching = undefined;
  }

  /** The link ended. */
  reset(): void {
    this.#link.abort();
    this.#link = new AbortController();
    this.#proven.clear();
  }

  /** Resolves once our claims are sent. */
  async sendClaims(context: TransferContext): Promise<void> {
    const { controlSignal } = context;
    await this.#transfers.newlyKept();
    const claims = await claimsFor(this.#disk, this.#binding);
    if (!controlSignal.aborted) context.send({ type: 'claims', claims });
  }

  /** Once on one control channel: every time everything that is kept is read. */
  onClaims(claims: readonly string[], context: TransferContext): void {
    if (this.#matching !== undefined) context.violation('claims twice');
    else this.#matching = this.#match(claims, context);
  }

  /** The sender goes on with a transfer that this link does not know. */
  async onContinue(id: TransferId, attemptId: number, context: TransferContext): Promise<void> {
    const { controlSignal } = context;
    const { signal } = this.#link;
    await this.#matching;
    const isKept = this.#proven.has(id) && (await this.#transfers.left(id));
    // Over another control channel the sender begins another attempt, and knows nothing of this one any more.
    if (controlSignal.aborted || signal.aborted) return;
    const known = this.#transfers.incoming(id);
    if (known !== undefined) known.onContinue(attemptId);
    else if (this.#proven.delete(id) && isKept) {
      this.#transfers.addIncoming(context, id, true).onContinue(attemptId);
    } else context.send({ type: 'decline', transfer: id, code: 'transfer-unknown' });
  }

  async #match(theirs: readonly string[], context: TransferContext): Promise<void> {
    const transfers = this.#transfers;
    const { signal } = this.#link;
    await context.claimsSent;
    const matched = await matching(this.#disk, this.#binding, theirs);
    if (signal.aborted) return;
    for (const { id, direction } of matched) if (direction === 'receive') this.#proven.add(id);
    for (const { id, secret, direction } of matched) {
      if (direction === 'receive' || !(await transfers.left(id))) continue;
      if (signal.aborted) return;
      if (transfers.outgoing(id) === undefined) {
        await transfers.addOutgoing(context, id, { is: 'kept' }, secret).open();
      }
    }
  }
}

async function claimsFor(disk: Disk, binding: Uint8Array): Promise<string[]> {
  const kept = await keptBy(disk);
  return Promise.all(kept.map(({ secret, direction }) => claimOf(secret, binding, direction)));
}

/** Those of ours that the other side has the other half of. */
async function matching(disk: Disk, binding: Uint8Array, theirs: readonly string[]): Promise<KeptTransfer[]> {
  const matched: KeptTransfer[] = [];
  for (const kept of await keptBy(disk)) {
    const other = kept.direction === 'send' ? 'receive' : 'send';
    if (theirs.includes(await claimOf(kept.secret, binding, other))) matched.push(kept);
  }
  return matched;
}

async function keptBy(disk: Disk): Promise<readonly KeptTransfer[]> {
  return (await disk.claims().catch(() => [])).slice(0, resumeClaimsMax);
}

/** Nobody can tell a claim from noise without the secret, nor use it on another link. */
async function claimOf(secret: string, binding: Uint8Array, direction: Direction): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode(`tincan/resume/1|${secret}|${toHex(binding)}|${direction}`)));
}
