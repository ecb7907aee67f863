// Does something that must end by a time: with a signal that aborts then, or earlier with the caller's own. It is not begun, and this
// throws, where the caller's is aborted already: nobody hears of that once more.

import type { Clock } from '../shared/model/clock.ts';

export type Deadline = { readonly clock: Clock; readonly ms: number; readonly signal: AbortSignal };

export async function withDeadline<T>(
  { clock, ms, signal }: Deadline,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const abort = () => own.abort();
  const cancel = clock.after(ms, abort);
  signal.addEventListener('abort', abort);
  try {
    return await task(own.signal);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}
