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
  /** Something on the way lets the small packets of checks through and nothing else. */
  isDataLost = false;
  /** A firewall lets through only what it knows already. */
  isNewLost = false;
  /** How often anything about it changed, and when it last did. */
  changes = 0;
  changedMs = 0;
  #brokenSinceMs: number | undefined;
  #mendedMs = 0;
  readonly #world: World;
  readonly #listeners = new Set<() => void>();

  constructor(world: World) {
    const { chance } = world;
    this.#world = world;
    this.hasFirewall = [chance.hits(0.3), chance.hits(0.3)];
    this.oneWayMs = chance.hits(0.3) ? chance.between(20, 150) : chance.between(0.2, 5);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cut(sides: readonly Side[]): void {
    for (const side of sides) this.isCut[side] = true;
    this.#broken();
  }

  mend(): void {
    this.isCut.fill(false);
    this.isDataLost = false;
    this.isNewLost = false;
    if (this.#brokenSinceMs !== undefined) this.#mendedMs = this.#world.nowMs;
    this.#brokenSinceMs = undefined;
    this.changed();
  }

  loseData(): void {
    this.isDataLost = true;
    this.#broken();
  }

  loseNew(): void {
    this.isNewLost = true;
    this.#broken();
  }

  #broken(): void {
    this.#brokenSinceMs ??= this.#world.nowMs;
    this.changed();
  }

  /** For how long it last carried everything, counted from then. */
  wholeMs(sinceMs: number): number {
    return (this.#brokenSinceMs ?? this.#world.nowMs) - Math.max(sinceMs, this.#mendedMs);
  }

  changeAddress(side: Side, last: number): void {
    this.addresses[side] = `192.168.1.${last}`;
    this.changed();
  }

  changed(): void {
    this.changes += 1;
    this.changedMs = this.#world.nowMs;
    for (const listener of [...this.#listeners]) listener();
  }
}
