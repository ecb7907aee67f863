// Makes a failing run short: leaves out steps while it still fails.

/** The fewest of `steps` that this way finds of which `fails` is still true: halves first, then smaller pieces, then single steps. */
export async function shrink(
  steps: readonly number[],
  fails: (steps: readonly number[]) => Promise<boolean>,
): Promise<readonly number[]> {
  let left = steps;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const shorter = [...left.slice(0, from), ...left.slice(from + size)];
      if (await fails(shorter)) left = shorter;
      else from += size;
    }
  }
  return left;
}
