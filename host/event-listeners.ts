// Who listens to the events of the host: a shell passes them on to its page.

export type EventListener<M> = <K extends keyof M & string>(name: K, payload: M[K]) => void;

export class EventListeners<M> {
  readonly #all = new Set<EventListener<M>>();

  readonly emit: EventListener<M> = (name, payload) => {
    for (const listener of this.#all) listener(name, payload);
  };

  add(listener: EventListener<M>): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }
}
