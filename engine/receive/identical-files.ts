// Which files are here already, byte for byte: the sender is asked for their hashes a page at a time, the host compares.

import type { Sink } from '../ports.ts';

type Digests = readonly (string | null)[];

const perQuestion = 256;

export class SameHere {
  readonly #sink: Sink;
  readonly #say: (indexes: number[]) => void;
  /** What was asked for, and who waits for it. */
  #asked: { readonly indexes: number[]; answer(digests: Digests): void } | undefined;
  #isStopped = false;

  constructor(sink: Sink, say: (indexes: number[]) => void) {
    this.#sink = sink;
    this.#say = say;
  }

  /** Indexes of files that are here already. Nothing once it was stopped. */
  async find(): Promise<number[]> {
    const same: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { indexes: readonly number[]; next: number | null } = await this.#sink.candidates(from);
      from = page.next;
      for (let at = 0; at < page.indexes.length; at += perQuestion) {
        const indexes = page.indexes.slice(at, at + perQuestion);
        const digests = await this.#ask(indexes);
        if (this.#isStopped) return [];
        const known = indexes.flatMap((index, nth) =>
          typeof digests[nth] === 'string' ? [{ index, sha256: digests[nth] }] : [],
        );
        if (known.length > 0) same.push(...(await this.#sink.compare(known)).same);
      }
    }
    return same;
  }

  /** Over another link, where the first answer may have been lost. */
  askAgain(): void {
    if (this.#asked !== undefined) this.#say(this.#asked.indexes);
  }

  /** Answers whether anybody had asked for that many. */
  take(digests: Digests): boolean {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked === undefined || digests.length !== asked.indexes.length) return false;
    asked.answer(digests);
    return true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#asked?.answer([]);
    this.#asked = undefined;
  }

  #ask(indexes: number[]): Promise<Digests> {
    if (this.#isStopped) return Promise.resolve([]);
    return new Promise((answer) => {
      this.#asked = { indexes, answer };
      this.#say(indexes);
    });
  }
}
