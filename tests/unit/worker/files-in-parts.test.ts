// Thousands of files are posted to the Worker in parts, with pauses: the link may be another one before the last of them is there.

import { expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../../engine/commands.ts';
import { openEngine } from '../../../renderer/worker/engine-client.ts';
import type { ToWorker } from '../../../renderer/worker/worker-messages.ts';

const transfer = 'ab'.repeat(16);

function open() {
  const posted: ToWorker[] = [];
  const worker = { postMessage: (message: ToWorker) => posted.push(message) } as unknown as Worker;
  const engine = openEngine(worker, { is: 'port', port: new MessageChannel().port1, to: 'thread' });
  const events: EngineEvent[] = [];
  engine.on((event) => events.push(event));
  const files = Array.from({ length: 1_200 }, (_, at) => ({ path: [`${at}`], file: at }));
  const send = () => engine.command({ do: 'send-files', transfer, files, emptyFolders: [] });
  const adopt = (fresh: boolean) =>
    engine.command({ do: 'adopt', connection: 2, maxMessageBytes: 65_536, fresh, binding: 'cd'.repeat(32) } as never);
  const orders = () => posted.flatMap((message) => (message.is === 'command' ? [message.command.do] : []));
  const parts = () => posted.flatMap((message) => (message.is === 'files' ? [message.files.length] : []));
  return { posted, events, send, adopt, orders, parts };
}

it('goes on over another connection of the same link', async () => {
  const { adopt, orders, parts, send } = open();
  send();
  adopt(false);
  await vi.waitFor(() => expect(orders()).toEqual(['adopt', 'send-files']));
  expect(parts()).toEqual([500, 500, 200]);
});

it('is given back, and goes to nobody, where another link was made meanwhile', async () => {
  const { adopt, events, orders, posted, send } = open();
  send();
  adopt(true);
  await vi.waitFor(() => expect(events).toMatchObject([{ is: 'refused', fault: { code: 'peer-left' }, transfer }]));
  expect(orders()).toEqual(['adopt']);
  expect(posted.at(-1)).toEqual({ is: 'files-back', transfer });
});
