// Events of one machine, handled one after another. An event that an effect raises waits until the effects of the present
// one are done; what is raised before the machine runs waits for its start. So collaborators can be built with a place to
// report to before the machine that listens exists.

export class EventQueue<Event> {
  readonly #waiting: Event[] = [];
  #handle: ((event: Event) => void) | undefined;
  #isHandling = false;

  readonly push = (event: Event): void => {
    this.#waiting.push(event);
    this.#drain();
  };

  start(handle: (event: Event) => void): void {
    this.#handle = handle;
    this.#drain();
  }

  #drain(): void {
    if (this.#handle === undefined || this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#handle(next);
    } finally {
      this.#isHandling = false;
    }
  }
}
