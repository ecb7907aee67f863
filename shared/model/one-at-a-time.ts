// Work that must not run beside other work of the same key, such as two writes of one block: what is checked at its beginning still holds
// at its end.

export class OneAtATime {
  readonly #running = new Map<number, Promise<void>>();

  /** Begins at once where nothing of that key runs. What waits begins whether the work before it failed or not. */
  async run<T>(key: number, work: () => Promise<T>): Promise<T> {
    for (let before = this.#running.get(key); before !== undefined; before = this.#running.get(key)) await before;
    const running = work();
    const over = running.then(
      () => this.#end(key),
      () => this.#end(key),
    );
    this.#running.set(key, over);
    return running;
  }

  #end(key: number): void {
    this.#running.delete(key);
  }
}
