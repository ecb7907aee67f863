// Handlers of the engine role that also write down which transfers begin and end, by id and by counts.

import type { Handlers } from '../shared/ipc/calls.ts';
import type { EngineCalls } from '../shared/ipc/contract.ts';
import type { Log } from './log.ts';

export function logTransfers(engine: Handlers<EngineCalls>, log: Log): Handlers<EngineCalls> {
  return {
    ...engine,
    'send.open': async (input) => {
      const opened = await engine['send.open'](input);
      const { bytes, files } = opened.totals;
      log.write({ is: 'transfer-offered', transfer: input.transfer, direction: 'send', bytes, files });
      return opened;
    },
    'send.reopen': async (input) => {
      const record = await engine['send.reopen'](input);
      log.write({ is: 'transfer-reopened', transfer: input.transfer, direction: 'send' });
      return record;
    },
    'receive.plan': async (input) => {
      const plan = await engine['receive.plan'](input);
      const { bytes, files } = plan.totals;
      log.write({ is: 'transfer-offered', transfer: input.transfer, direction: 'receive', bytes, files });
      return plan;
    },
    'receive.start': async (input) => {
      const started = await engine['receive.start'](input);
      log.write({
        is: 'transfer-started',
        transfer: input.transfer,
        direction: 'receive',
        bytes: started.totalBytes,
        blocksHeld: started.have.reduce((sum, [from, to]) => sum + to - from, 0),
      });
      return started;
    },
    'receive.reopen': async (input) => {
      const record = await engine['receive.reopen'](input);
      log.write({ is: 'transfer-reopened', transfer: input.transfer, direction: 'receive' });
      return record;
    },
    'history.add': async (input) => {
      const { transfer, direction, state, bytes, files } = input;
      log.write({ is: 'transfer-ended', transfer, direction, state, bytes, files });
      await engine['history.add'](input);
    },
  };
}
