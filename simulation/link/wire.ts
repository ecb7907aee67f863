// The network between two computers: an address for each, a line that can be cut in either direction, and firewalls that let
// in only answers. Whoever depends on it is told of every change.

import type { World } from '../world.ts';

export type Side = 0 | 1;

/** A firewall lets answers in for so long after something was sent. */
export const answersForMs = 30_000;

export class Wire {
  /** What this side sends is lost. */
  readonly isCut: [boolean, boolean] = [false, false];
  readonly addresses: [string, string] = ['192.168.1.10', '192.168.1.20'];
  readonly hasFirewall: [boolean, boolean];
  readonly oneWayMs: number;
  /** How often anything about it changed. */
  changes = 0;
  readonly #listeners = new Set<() => void>();

  constructor({ chance }: World) {
    this.hasFirewall = [chance.hits(0.3), chance.hits(0.3)];
    this.oneWayMs = chance.hits(0.3) ? chance.between(20, 150) : chance.between(0.2, 5);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cut(sides: readonly Side[]): void {
    for (const side of sides) this.isCut[side] = true;
    this.#tell();
  }

  mend(): void {
    this.isCut.fill(false);
    this.#tell();
  }

  changeAddress(side: Side, last: number): void {
    this.addresses[side] = `192.168.1.${last}`;
    this.#tell();
  }

  #tell(): void {
    this.changes += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}
