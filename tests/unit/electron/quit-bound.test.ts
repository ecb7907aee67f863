// Quitting waits for the journals of the host, and not for ever.

import { expect, it, vi } from 'vitest';
import { superviseOne } from './one-host.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));

const never = new Promise<never>(() => undefined);

it('a host that does not answer is ended after five seconds', async () => {
  let asked = 0;
  const { host, opened, child } = superviseOne({
    close: () => {
      asked += 1;
      return never;
    },
  });
  await opened;
  const before = performance.now();
  await host.close();
  expect(asked).toBe(1);
  expect(child.kill).toHaveBeenCalledOnce();
  expect(performance.now() - before).toBeGreaterThan(4_900);
  expect(performance.now() - before).toBeLessThan(10_000);
});

it('a host that does not end when it is told to is not waited for either', async () => {
  const { host, opened, child } = superviseOne({});
  await opened;
  // A thread that waits for a disk that answers nothing keeps its process, whatever the signal.
  child.kill.mockReturnValue(true);
  const before = performance.now();
  await host.close();
  expect(child.kill).toHaveBeenCalledOnce();
  expect(performance.now() - before).toBeLessThan(5_000);
});

it('a host that is still opening is asked to close before it is ended', async () => {
  const closing = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const { host, child } = superviseOne({
    open: () => never,
    close: () => {
      closing.resolve();
      return closed.promise;
    },
  });
  const quit = host.close();
  await closing.promise;
  expect(child.kill).not.toHaveBeenCalled();
  closed.resolve();
  await quit;
  expect(child.kill).toHaveBeenCalledOnce();
});
