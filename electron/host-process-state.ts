// When the host process is started, started again, and given up. Pure: the runner is host-supervisor.ts.

/** A process that dies this often within the time below is not started again by itself. */
export const hostDeathsMax = 3;
export const hostDeathsWithinMs = 60_000;

export type HostProcessState =
  | { readonly at: 'starting' | 'running'; readonly deathsAtMs: readonly number[] }
  | { readonly at: 'given-up' }
  | { readonly at: 'closed' };

export type HostProcessEvent =
  | { readonly is: 'opened' }
  | { readonly is: 'died'; readonly nowMs: number }
  /** The person asks for another try. */
  | { readonly is: 'retry' }
  | { readonly is: 'close' };

export type HostProcessEffect = 'start' | 'serve-waiting' | 'tell-given-up';

type Next = { readonly state: HostProcessState; readonly effects: readonly HostProcessEffect[] };

export const hostProcessStart: Next = { state: { at: 'starting', deathsAtMs: [] }, effects: ['start'] };

export function nextHostProcess(state: HostProcessState, event: HostProcessEvent): Next {
  const same: Next = { state, effects: [] };
  if (state.at === 'closed') return same;
  switch (event.is) {
    case 'close':
      return { state: { at: 'closed' }, effects: [] };
    case 'retry':
      return state.at === 'given-up' ? hostProcessStart : same;
    case 'opened':
      return state.at === 'starting' ? { state: { ...state, at: 'running' }, effects: ['serve-waiting'] } : same;
    case 'died': {
      if (state.at === 'given-up') return same;
      const deathsAtMs = [...state.deathsAtMs.filter((at) => event.nowMs - at < hostDeathsWithinMs), event.nowMs];
      return deathsAtMs.length >= hostDeathsMax
        ? { state: { at: 'given-up' }, effects: ['tell-given-up'] }
        : { state: { at: 'starting', deathsAtMs }, effects: ['start'] };
    }
  }
}
