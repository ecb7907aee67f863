// A page that was taken over may ask and ask, and read no answer: what waits for it is in the memory of the host.

import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { openPagePort } from '../../../electron/page-port.ts';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import { isMark } from '../../../shared/ipc/read-marks.ts';
import { bridgeMarkEveryBytes, bridgeUnreadMaxBytes } from '../../../shared/wire/limits.ts';

const ports: NodePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Electron's ports wrap what they carry in `data`. */
function openChannel() {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const main = Object.assign(new EventEmitter(), {
    start: () => port1.on('message', (data) => main.emit('message', { data })),
    postMessage: (message: unknown) => port1.postMessage(message),
    close: () => port1.close(),
  });
  const host = openPagePort(main as unknown as Electron.MessagePortMain);
  const heard: unknown[] = [];
  host.onMessage((message) => heard.push(message));
  let isOver = false;
  host.onClose(() => {
    isOver = true;
  });
  return { host, heard, isOver: () => isOver, far: port2 };
}

const answer = () => ({ is: 'answer', output: { bytes: new Uint8Array(1024 * 1024) } });
const answers = Math.ceil(bridgeUnreadMaxBytes / (1024 * 1024));

it('P5 of answers that nobody reads no more are kept than the bound, and then the page is hung up on', () => {
  const { host, isOver } = openChannel();
  let posted = 0;
  while (!isOver() && posted < 2 * answers) {
    host.post(answer());
    posted += 1;
  }
  expect(isOver()).toBe(true);
  expect(posted).toBeLessThanOrEqual(answers + 1);
});

it('P5 answers without bytes count as well', () => {
  const { host, isOver } = openChannel();
  const names = Array.from({ length: 1_000 }, (_, at) => ({ name: `${at}`.padStart(1_000) }));
  for (let time = 0; time < 100; time += 1) host.post({ is: 'answer', output: { names } });
  expect(isOver()).toBe(true);
});

it('a page that reads gets as much as it likes, and what it says of it is no call', async () => {
  const { host, heard, isOver, far } = openChannel();
  const page = portFromMessagePort(far as unknown as MessagePort, 'process');
  let read = 0;
  page.onMessage(() => {
    read += 1;
  });
  for (let nth = 1; nth <= 2 * answers; nth += 1) {
    host.post(answer());
    if (nth % 16 === 0) await vi.waitFor(() => expect(read).toBe(nth), { interval: 1, timeout: 10_000 });
  }
  expect([isOver(), heard]).toEqual([false, []]);
}, 60_000);

it('P5 a page that only says that it reads is hung up on', async () => {
  const { host, isOver, far } = openChannel();
  const marks: unknown[] = [];
  far.on('message', (message) => isMark(message) && marks.push(message));
  while (marks.length === 0) {
    for (let bytes = 0; bytes < bridgeMarkEveryBytes; bytes += 1024 * 1024) host.post(answer());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  far.postMessage({ is: 'mark', token: 'ab'.repeat(16) });
  await vi.waitFor(() => expect(isOver()).toBe(true));
});
