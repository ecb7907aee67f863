// Makes something when it is first asked for, and once: what a page does not need to begin with does not delay it.

export function onFirstUse<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
