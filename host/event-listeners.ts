// Who listens to the events of the host: a shell passes them on to its page.

export class EventListeners<M> {
  readonly #all = new Set<<K extends keyof M & string>(name: K, payload: M[K]) => void>();

  readonly emit = <K extends keyof M & string>(name: K, payload: M[K]): void => {
    for (const listener of this.#all) listener(name, payload);
  };

  add(listener: <K extends keyof M & string>(name: K, payload: M[K]) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }
}
