// The same work for many things, some of them at a time.

/** The first failure ends it, once all that is under way is over: nothing of it goes on after that. */
export async function atOnce<T>(most: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  let hasFailed = false;
  const worker = async () => {
    for (const one of left) {
      if (hasFailed) return;
      try {
        await work(one);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(most, all.length) }, worker));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
