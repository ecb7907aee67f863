// Resuming transfers of earlier links: both sides send proofs of what they still have, first thing on every control channel, since
// what was sent on the one before may not have been heard. What both have the sender begins again and the receiver finds again.
// Whoever knows a transfer only from an earlier link takes it up on a proof, and on nothing else. A proof is a hash that nobody can
// make, or recognise, without the transfer's secret. What a person called off after its link was gone is proven as well, for as long as
// this run lasts: the other side has to hear of it.

import { sha256, toHex } from '../shared/model/bytes.ts';
import type { Direction, TransferId } from '../shared/model/transfer.ts';
import type { ControlOf } from '../shared/wire/control.ts';
import { resumeClaimsMax, transfersMaxLive } from '../shared/wire/limits.ts';
import type { Disk, KeptTransfer, Sink, Source } from './ports.ts';
import type { TransferContext } from './status/transfer-status.ts';
import type { Transfer, Transfers } from './transfers.ts';

export class Resume {
  readonly #disk: Disk;
  readonly #transfers: Transfers;
  #binding: Uint8Array = new Uint8Array();
  /** What the peer proved on this control channel. */
  #matching: Promise<void> | undefined;
  /** Proven by the peer, to be received again; with the secret of each. */
  readonly #proven = new Map<TransferId, string>();
  /** Of earlier links of this run, and they can go on. */
  readonly #left = new Map<TransferId, KeptTransfer>();
  /** Called off: nothing is kept of them. */
  readonly #withdrawn = new Map<TransferId, KeptTransfer>();
  /** Called off by the other side, and being looked up here: each once, however often it is said on one link. */
  #lookedUp = new Set<TransferId>();
  /** What the sender goes on with on this control channel, being looked up here: of each transfer the last attempt. */
  #continued = new Map<TransferId, number>();
  /** Ends with the link: what is compared then takes up nothing. */
  #link = new AbortController();

  constructor(disk: Disk, transfers: Transfers) {
    this.#disk = disk;
    this.#transfers = transfers;
  }

  onAdopted(binding: Uint8Array): void {
    this.#binding = binding;
    this.#matching = undefined;
    this.#continued = new Map();
  }

  /** The link ended. */
  reset(): void {
    this.#link.abort();
    this.#link = new AbortController();
    this.#lookedUp = new Set();
    this.#proven.clear();
  }

  /** There is another peer: these are what the one before left. What is still being put in place is known only then. */
  leave(transfers: readonly Transfer[]): void {
    for (const one of transfers) {
      if (one.isOver) this.#leaveOne(one);
      else void this.#transfers.left(one.id).then(() => this.#leaveOne(one));
    }
  }

  #leaveOne({ id, secret, state, status }: Transfer): void {
    if (secret === undefined) return;
    const kept = { id, secret, direction: status.direction };
    if (state.at === 'cancelled') remember(this.#withdrawn, kept);
    else if (status.phase.isResumable) remember(this.#left, kept);
  }

  /** The person wants nothing more of one that an earlier link left. */
  async withdraw(id: TransferId): Promise<void> {
    const kept = this.#left.get(id);
    if (kept === undefined) return;
    this.#left.delete(id);
    remember(this.#withdrawn, kept);
    await this.#transfers.left(id);
    const known = this.#transfers.find(id);
    const own = kept.direction === 'send' ? this.#disk.source(id, { is: 'kept' }) : this.#disk.sink(id);
    if (known !== undefined) known.discard();
    else await forget(own);
  }

  /** Resolves once our claims are sent. */
  async sendClaims(context: TransferContext): Promise<void> {
    const { controlSignal } = context;
    await this.#transfers.newlyKept();
    const ours = await this.#ours();
    const claims = await Promise.all(ours.map(({ secret, direction }) => claimOf(secret, this.#binding, direction)));
    if (!controlSignal.aborted) context.send({ type: 'claims', claims });
  }

  /** Once on one control channel: every time everything that is kept is read. */
  onClaims(claims: readonly string[], context: TransferContext): void {
    if (this.#matching !== undefined) context.violation('claims twice');
    else this.#matching = this.#match(claims, context);
  }

  /** The sender goes on with a transfer that this link does not know. A host that hangs does not have them pile up. */
  async onContinue(id: TransferId, attemptId: number, context: TransferContext): Promise<void> {
    const continued = this.#continued;
    const isLookedUp = continued.has(id);
    // Nobody has more than it sends and what both proved.
    if (!isLookedUp && continued.size >= transfersMaxLive + resumeClaimsMax) return;
    continued.set(id, attemptId);
    if (isLookedUp) return;
    const { controlSignal } = context;
    const { signal } = this.#link;
    await this.#matching;
    const secret = this.#proven.get(id);
    const isKept = secret !== undefined && (await this.#transfers.left(id));
    const lastAttemptId = continued.get(id)!;
    continued.delete(id);
    // Over another control channel the sender begins another attempt, and knows nothing of this one any more.
    if (controlSignal.aborted || signal.aborted) return;
    const known = this.#transfers.incoming(id);
    if (known !== undefined) known.onContinue(lastAttemptId);
    else if (this.#withdrawn.has(id)) context.send({ type: 'cancel', transfer: id });
    else if (this.#proven.delete(id) && isKept) {
      this.#transfers.addIncoming(context, id, secret).onContinue(lastAttemptId);
    } else context.send({ type: 'decline', transfer: id, code: 'transfer-unknown' });
  }

  /** The other side has called off what this link does not know yet. What is in place already is in place. */
  async onWithdrawn(message: ControlOf<'cancel'>, context: TransferContext): Promise<void> {
    const lookedUp = this.#lookedUp;
    const { transfer: id } = message;
    // What is not heard now is said again on the next control channel.
    if (lookedUp.has(id) || lookedUp.size >= resumeClaimsMax) return;
    lookedUp.add(id);
    await this.#endWithdrawn(message, context).finally(() => lookedUp.delete(id));
  }

  async #endWithdrawn(message: ControlOf<'cancel'>, context: TransferContext): Promise<void> {
    const { transfer: id } = message;
    const { signal } = this.#link;
    await this.#matching;
    const secret = this.#proven.get(id);
    const sink = this.#disk.sink(id);
    const isKept = secret !== undefined && (await this.#transfers.left(id));
    const kept = isKept ? await sink.reopen().catch(() => undefined) : undefined;
    if (signal.aborted) return;
    const known = this.#transfers.find(id);
    if (known !== undefined) known.onMessage(message);
    else if (kept?.published !== undefined) await forget(sink);
    else if (kept !== undefined && this.#proven.delete(id)) {
      const incoming = this.#transfers.addIncoming(context, id, secret);
      incoming.status.describe(kept);
      incoming.onMessage(message);
    }
  }

  async #match(theirs: readonly string[], context: TransferContext): Promise<void> {
    const transfers = this.#transfers;
    const { signal } = this.#link;
    await context.claimsSent;
    const matched = await this.#matched(theirs);
    if (signal.aborted) return;
    for (const { id, secret, direction } of matched) if (direction === 'receive') this.#proven.set(id, secret);
    for (const { id, secret, direction } of matched) {
      if (this.#withdrawn.has(id)) {
        context.send({ type: 'cancel', transfer: id });
        continue;
      }
      if (direction === 'receive' || !(await transfers.left(id))) continue;
      if (signal.aborted) return;
      if (transfers.outgoing(id) === undefined) {
        await transfers.addOutgoing(context, id, { is: 'kept' }, secret).open();
      }
    }
  }

  /** Those of ours that the other side has the other half of. */
  async #matched(theirs: readonly string[]): Promise<KeptTransfer[]> {
    const matched: KeptTransfer[] = [];
    for (const kept of await this.#ours()) {
      const other = kept.direction === 'send' ? 'receive' : 'send';
      if (theirs.includes(await claimOf(kept.secret, this.#binding, other))) matched.push(kept);
    }
    return matched;
  }

  /** What is kept comes first: the others are only told. */
  async #ours(): Promise<readonly KeptTransfer[]> {
    const claims = await this.#disk.claims().catch(() => []);
    for (const one of claims.toReversed()) {
      if (one.isDiscarded === true && !this.#withdrawn.has(one.id)) remember(this.#withdrawn, one);
    }
    const kept = claims.filter(({ id }) => !this.#withdrawn.has(id));
    return [...kept, ...this.#withdrawn.values()].slice(0, resumeClaimsMax);
  }
}

/** What the disk does not let go of stays listed as unfinished, and can be discarded there. */
async function forget(own: Pick<Source | Sink, 'close'>): Promise<void> {
  await own.close(false).catch(() => undefined);
}

/** The newest. */
function remember(known: Map<TransferId, KeptTransfer>, kept: KeptTransfer): void {
  known.delete(kept.id);
  known.set(kept.id, kept);
  for (const oldest of known.keys()) {
    if (known.size <= resumeClaimsMax) break;
    known.delete(oldest);
  }
}

/** Nobody can tell a claim from noise without the secret, nor use it on another link. */
async function claimOf(secret: string, binding: Uint8Array, direction: Direction): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode(`tincan/resume/1|${secret}|${toHex(binding)}|${direction}`)));
}
