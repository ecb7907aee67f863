// A Chromium that nobody listens to. A driver that hears of every request has the browser take a stack for each one that a
// script makes, for which V8 reads the whole script again: a tenth of a start that no person has. This one asks for what the page
// noted by itself, and only when that is done.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromiumPath } from '../build/chromium-path.ts';
import { chromiumFlags } from '../tests/e2e/instance.ts';

type Reply = {
  readonly targetId: string;
  readonly sessionId: string;
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
  readonly result?: { readonly value?: unknown };
};

export type PlainChromium = {
  /** A tab of its own: what `note` put into `window.noted`, and the processor time of the page's own thread until then. */
  load(url: string, note: string): Promise<{ readonly noted: number; readonly workedMs: number }>;
  close(): Promise<void>;
};

const lookEveryMs = 500;

export async function openPlainChromium(profile: string): Promise<PlainChromium> {
  const args = ['--headless', ...chromiumFlags, '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const browser = spawn(chromiumPath, [...args, '--window-size=1080,640', '--no-first-run', 'about:blank'], {
    stdio: 'ignore',
  });
  const portFile = path.join(profile, 'DevToolsActivePort');
  while (!existsSync(portFile)) await pause(50);
  await pause(100);
  const [port, place] = readFileSync(portFile, 'utf8').trim().split('\n');
  const socket = new WebSocket(`ws://127.0.0.1:${port}${place}`);
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const waiting = new Map<number, (reply: Reply) => void>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result: Reply };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  function send(method: string, params: object = {}, sessionId?: string): Promise<Reply> {
    last += 1;
    const id = last;
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve) => waiting.set(id, resolve));
  }
  return {
    async load(url, note) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      await send('Page.enable', {}, sessionId);
      await send('Performance.enable', { timeDomain: 'threadTicks' }, sessionId);
      await send('Page.addScriptToEvaluateOnNewDocument', { source: note }, sessionId);
      await send('Page.navigate', { url }, sessionId);
      let noted: unknown;
      while (typeof noted !== 'number') {
        await pause(lookEveryMs);
        noted = (await send('Runtime.evaluate', { expression: 'window.noted' }, sessionId)).result?.value;
      }
      const { metrics } = await send('Performance.getMetrics', {}, sessionId);
      await send('Target.closeTarget', { targetId });
      return { noted, workedMs: 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value };
    },
    async close() {
      const ended = new Promise((resolve) => browser.once('exit', resolve));
      void send('Browser.close');
      await ended;
    },
  };
}
