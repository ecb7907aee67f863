// The view as the page knows it: whoever listens hears of a view only when it differs from the one before.

import type { LinkView } from '../shared/model/link-view.ts';

export class ShownView {
  readonly #listeners = new Set<(view: LinkView) => void>();
  #view: LinkView = { at: 'pairing', code: { at: 'making' } };
  #text = '';

  get view(): LinkView {
    return this.#view;
  }

  onChange(listener: (view: LinkView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(view: LinkView): void {
    this.#view = view;
    const text = JSON.stringify(view);
    if (text === this.#text) return;
    this.#text = text;
    for (const listener of this.#listeners) listener(view);
  }
}
