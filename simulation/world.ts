// Time and chance of one run, both from one seed. Nothing happens between two events: an event runs, everything that it
// set going runs to its end, then time jumps to the next one.

import { createHash } from 'node:crypto';
import type { Clock } from '../shared/model/clock.ts';
import { Chance } from './chance.ts';

type Planned = { readonly atMs: number; readonly order: number; task: (() => void) | undefined };

/** 1 January 2026. */
export const startOfTimeMs = 1_767_225_600_000;
/** Taken before anything is replaced: the one real thing in a run, and it only lets promises settle. */
const realImmediate = setImmediate;
/** What Node itself calls between two tasks: runs what promises wait for. It may be called only by a task of its own. */
const settle: () => void = (process as unknown as { _tickCallback(): void })._tickCallback;
/** Then the process has a moment for what is real, such as a signal to end. */
const eventsAtOnce = 500;

export class World {
  nowMs = 0;
  /** Every event in its order: equal for equal seeds. */
  readonly #trace = createHash('sha256');
  readonly chance: Chance;
  readonly log: string[] = [];
  /** What should not be. The run ends with the first. */
  readonly wrong: string[] = [];
  /** How often each fault struck, and each thing was done. */
  readonly counters = new Map<string, number>();
  events = 0;
  /** These computers have much else to do: what is over in a moment elsewhere takes them seconds. */
  isBusy = false;
  /** Until then nothing is hashed and no certificate made: something else has all the cores. */
  hashesWaitUntilMs = 0;
  /** Nothing that happens takes from a receiver what it holds. */
  isHeldForGood = false;
  /** Told of each moment that a situation may wait for. */
  readonly moments = new Set<(what: string) => void>();
  readonly #isLogged: boolean;
  readonly #planned: Planned[] = [];
  #order = 0;

  constructor(seed: number, isLogged = false) {
    this.chance = new Chance(seed);
    this.#isLogged = isLogged;
  }

  get wallClockMs(): number {
    return startOfTimeMs + Math.floor(this.nowMs);
  }

  note(what: string): void {
    const line = `${this.nowMs.toFixed(3)} ${what}`;
    this.#trace.update(line);
    if (this.#isLogged) this.log.push(line);
  }

  traceHash(): string {
    return this.#trace.copy().digest('hex');
  }

  count(what: string): void {
    this.counters.set(what, (this.counters.get(what) ?? 0) + 1);
  }

  fail(what: string): void {
    this.note(`WRONG ${what}`);
    this.wrong.push(what);
  }

  after(ms: number, task: () => void): () => void {
    const planned: Planned = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, task };
    this.#push(planned);
    return () => {
      planned.task = undefined;
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Where the computers are busy it takes a while, or a long while. */
  async whileBusy(): Promise<void> {
    if (this.nowMs < this.hashesWaitUntilMs) await this.wait(this.hashesWaitUntilMs - this.nowMs);
    if (this.isBusy && this.chance.hits(0.4))
      await this.wait(this.chance.between(0, this.chance.pick([20, 500, 20_000])));
  }

  moment(what: string): void {
    for (const notify of [...this.moments]) notify(what);
  }

  clock(isAlive: () => boolean): Clock {
    return {
      now: () => this.nowMs,
      wallClockMs: () => this.wallClockMs,
      after: (ms, task) =>
        this.after(ms, () => {
          if (isAlive()) task();
        }),
    };
  }

  /** Lets time pass until this is so, or this long. Answers whether it is so. */
  pass(ms: number, until: () => boolean = () => false): Promise<boolean> {
    const endMs = this.nowMs + ms;
    return new Promise((resolve, reject) => {
      const run = () => {
        try {
          for (let more = eventsAtOnce; more > 0; more -= 1) if (!this.#runNext(endMs, until)) return resolve(until());
        } catch (error) {
          return reject(error);
        }
        realImmediate(run);
      };
      realImmediate(run);
    });
  }

  /** Answers whether there is more to do. */
  #runNext(endMs: number, until: () => boolean): boolean {
    if (until() || this.wrong.length > 0) return false;
    const next = this.#planned[0];
    if (next === undefined || next.atMs > endMs) {
      this.nowMs = endMs;
      return false;
    }
    this.#pop();
    const { task } = next;
    if (task === undefined) return true;
    this.nowMs = next.atMs;
    this.events += 1;
    task();
    settle();
    return true;
  }

  #isBefore(a: Planned, b: Planned): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }

  #push(planned: Planned): void {
    const heap = this.#planned;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(planned, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#planned;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!this.#isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
