// How a port ends: once, whoever ends it, and everybody who asks to be told is told: who asks afterwards, at once.

export interface CloseOnce {
  isOver(): boolean;
  end(): void;
  onEnd(listener: () => void): () => void;
}

/** `release` lets go of what the port lies on. */
export function closeOnce(release: () => void): CloseOnce {
  const listeners = new Set<() => void>();
  let over = false;
  return {
    isOver: () => over,
    end() {
      if (over) return;
      over = true;
      release();
      for (const listener of listeners) listener();
    },
    onEnd(listener) {
      if (over) listener();
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
