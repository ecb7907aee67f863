// How a port ends: once, whoever ends it, and everybody who asked to be told is told.

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
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
