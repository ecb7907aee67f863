// Which files are here already, byte for byte: the sender is asked for their hashes a page at a time, the host compares.

import type { Sink } from '../ports.ts';

type Digests = readonly (string | null)[];
type Question = { readonly indexes: number[]; readonly answer: (digests: Digests) => void };

const perQuestion = 256;

export class IdenticalFiles {
  readonly #sink: Sink;
  readonly #request: (indexes: number[]) => void;
  readonly #signal: AbortSignal;
  readonly #aborted: Promise<undefined>;
  #open: Question | undefined;

  /** `request` asks the sender for the digests of these files. */
  constructor(sink: Sink, request: (indexes: number[]) => void, signal: AbortSignal) {
    this.#sink = sink;
    this.#request = request;
    this.#signal = signal;
    this.#aborted = new Promise((resolve) =>
      signal.addEventListener(
        'abort',
        () => {
          this.#open?.answer([]);
          resolve(undefined);
        },
        { once: true },
      ),
    );
  }

  /** Indexes of files that are here already. None once it was aborted. */
  async find(): Promise<number[]> {
    const same: number[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { indexes: readonly number[]; next: number | null } = await this.#sink.candidates(from);
      from = page.next;
      for (let at = 0; at < page.indexes.length; at += perQuestion) {
        const indexes = page.indexes.slice(at, at + perQuestion);
        const digests = await this.#ask(indexes);
        if (this.#signal.aborted) return [];
        const known = indexes.flatMap((index, nth) =>
          typeof digests[nth] === 'string' ? [{ index, sha256: digests[nth] }] : [],
        );
        if (known.length === 0) continue;
        // The host reads whole files for it, and goes on to the end of the one that it is at.
        const compared = await Promise.race([this.#sink.compare(known), this.#aborted]);
        if (compared === undefined) return [];
        same.push(...compared.same);
      }
    }
    return same;
  }

  /** Over another control channel, where the first answer may have been lost. */
  repeatRequest(): void {
    if (this.#open !== undefined) this.#request(this.#open.indexes);
  }

  /** Returns whether anybody had asked for that many. */
  onDigests(digests: Digests): boolean {
    const question = this.#open;
    this.#open = undefined;
    if (question === undefined || digests.length !== question.indexes.length) return false;
    question.answer(digests);
    return true;
  }

  #ask(indexes: number[]): Promise<Digests> {
    if (this.#signal.aborted) return Promise.resolve([]);
    return new Promise((answer) => {
      this.#open = { indexes, answer };
      this.#request(indexes);
    });
  }
}
