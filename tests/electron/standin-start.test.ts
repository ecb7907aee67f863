// What the tests on the stand-in wait for comes, or they are told that it will not: a test that only waits ends at its bound and says
// nothing of the reason.

import { afterEach, expect, it } from 'vitest';
import { stopAll } from '../e2e/instance.ts';
import { type StandIn, startStandIn } from '../electron-standin/launch.ts';

let apps: StandIn[] = [];
afterEach(async (context) => {
  await stopAll(apps, context);
  apps = [];
});
async function start(env: Readonly<Record<string, string>> = {}): Promise<StandIn> {
  const app = await startStandIn({ name: 'cleo', env });
  apps.push(app);
  return app;
}

/** Main's wish to show its window comes when Chromium has long been there, as on a busy machine. */
const slowToShow = `
  const send = process.send.bind(process);
  process.send = (message, ...rest) => setTimeout(() => send(message, ...rest), message.is === 'load' ? 5_000 : 0);
`;

it('an app whose window comes late is shown', async () => {
  const app = await start({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(slowToShow)}` });
  await app.session('pairing');
});

it('what is asked of a main process that is gone, or goes, is refused', async () => {
  const app = await start();
  const asked = app.inMain(() => new Promise(() => undefined));
  app.main.child.kill('SIGKILL');
  await expect(asked).rejects.toThrow('main ended without an answer');
  await expect(app.inMain(() => 1)).rejects.toThrow();
});
