// The life of one attempt of a transfer: what it began and could not finish ends this attempt, never a later one.

export class AttemptScope {
  readonly #controller = new AbortController();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort();
  }

  run(task: () => Promise<void>): void {
    void task().catch((error: unknown) => {
      if (!this.signal.aborted) this.#onFailure(error);
    });
  }

  /** An answer that comes after the end of the attempt belongs to nobody. */
  async own<T>(answer: Promise<T>): Promise<T> {
    const value = await answer;
    this.signal.throwIfAborted();
    return value;
  }
}
