// When the host process is started, started again, and given up.

import { describe, expect, it } from 'vitest';
import {
  type HostProcessEvent,
  type HostProcessState,
  hostProcessStart,
  nextHostProcess,
} from '../../../electron/host-process-state.ts';

function run(events: readonly HostProcessEvent[]): { at: HostProcessState['at']; effects: readonly string[] } {
  let { state } = hostProcessStart;
  const effects: string[] = [...hostProcessStart.effects];
  for (const event of events) {
    const next = nextHostProcess(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { at: state.at, effects };
}

const opened: HostProcessEvent = { is: 'opened' };
const died = (nowMs: number): HostProcessEvent => ({ is: 'died', nowMs });

describe('the host process', () => {
  it('is started, and serves what waited once it is open', () => {
    expect(run([opened])).toEqual({ at: 'running', effects: ['start', 'serve-waiting'] });
  });

  it('is started again after it died, also while it opens', () => {
    expect(run([opened, died(1)])).toEqual({ at: 'starting', effects: ['start', 'serve-waiting', 'start'] });
    expect(run([died(1)])).toEqual({ at: 'starting', effects: ['start', 'start'] });
  });

  it('is given up at the third death within a minute', () => {
    const three = run([opened, died(0), opened, died(30_000), opened, died(59_999)]);
    expect(three.at).toBe('given-up');
    expect(three.effects.slice(-1)).toEqual(['tell-given-up']);
  });

  it('is not given up when the deaths lie further apart', () => {
    expect(run([opened, died(0), opened, died(30_000), opened, died(60_000)]).at).toBe('starting');
  });

  it('gets another try when the person asks for it, with a clean record', () => {
    const again = run([died(0), died(1), died(2), { is: 'retry' }, died(3)]);
    expect(again.at).toBe('starting');
  });

  it('stays closed, whatever comes', () => {
    for (const event of [opened, died(0), { is: 'retry' } as const, { is: 'close' } as const]) {
      const after = run([{ is: 'close' }, event]);
      expect(after).toEqual({ at: 'closed', effects: ['start'] });
    }
  });
});
