// Taking up transfers of earlier links: both sides claim what they still have, first thing on every control, since what was said
// on the one before may not have been heard; what both have is begun anew by the sender and found again by the receiver. Whoever
// knows a transfer only from an earlier link takes it up on a claim, and on nothing else.

import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlMessage } from '../../shared/wire/control.ts';
import type { Disk } from '../ports.ts';
import type { TransferHome } from '../status/transfer-status.ts';
import type { Transfers } from '../transfers.ts';
import { claimsFor, matching } from './resume-proofs.ts';

export type TakingUpPorts = {
  readonly disk: Disk;
  readonly transfers: Transfers;
  /** Another one for another peer. */
  home(): TransferHome;
  say(message: ControlMessage): void;
};

export class TakingUp {
  readonly #ports: TakingUpPorts;
  #binding: Uint8Array = new Uint8Array();
  #hasHeardClaims = false;
  readonly #claimed = new Set<TransferId>();
  #controls = 0;
  #claiming: Promise<void> = Promise.resolve();
  #matching: Promise<void> = Promise.resolve();

  constructor(ports: TakingUpPorts) {
    this.#ports = ports;
  }

  /** Resolves once our claims are said on this control. */
  get claimed(): Promise<void> {
    return this.#claiming;
  }

  adopted(binding: Uint8Array): void {
    this.#binding = binding;
    this.#hasHeardClaims = false;
  }

  forget(): void {
    this.#claimed.clear();
  }

  greeted(): void {
    this.#controls += 1;
    this.#claiming = this.#claim(this.#controls);
  }

  /** Once on one control: every time costs a look at everything that is kept. Answers why it may not be. */
  heard(claims: readonly string[]): string | undefined {
    if (this.#hasHeardClaims) return 'claims twice';
    this.#hasHeardClaims = true;
    this.#matching = this.#match(claims);
    return undefined;
  }

  /** The sender goes on with a transfer that this link does not know. */
  async continued(transfer: TransferId, tag: number): Promise<void> {
    const { transfers } = this.#ports;
    const home = this.#ports.home();
    await this.#matching;
    const isKept = this.#claimed.has(transfer) && (await transfers.left(transfer));
    if (this.#ports.home() !== home) return;
    const known = transfers.incoming(transfer);
    if (known !== undefined) known.carryOn(tag);
    else if (this.#claimed.delete(transfer) && isKept) transfers.addIncoming(home, transfer).reopen(tag);
    else home.say({ type: 'decline', transfer, code: 'transfer-unknown' });
  }

  async #claim(control: number): Promise<void> {
    const { disk, transfers, say } = this.#ports;
    await transfers.newlyKept();
    const claims = await claimsFor(disk, this.#binding);
    if (control === this.#controls) say({ type: 'claims', claims });
  }

  async #match(theirs: readonly string[]): Promise<void> {
    const { disk, transfers } = this.#ports;
    const home = this.#ports.home();
    await this.#claiming;
    const matched = await matching(disk, this.#binding, theirs);
    if (this.#ports.home() !== home) return;
    for (const { id, direction } of matched) if (direction === 'receive') this.#claimed.add(id);
    for (const { id, secret, direction } of matched) {
      if (direction === 'receive' || !(await transfers.left(id))) continue;
      if (this.#ports.home() !== home) return;
      if (transfers.outgoing(id) !== undefined) continue;
      await transfers.addOutgoing(home, id, { is: 'kept' }, secret).reopen();
    }
  }
}
