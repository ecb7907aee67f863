// What is asked of a host that is not open yet waits for it, within bounds that never cost a page its host.

import { expect, it, vi } from 'vitest';
import { Fault } from '../../../shared/model/fault.ts';
import { superviseOne } from './one-host.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));

/** A host process that opens when told. */
function superviseWaiting() {
  const opening = Promise.withResolvers<{ language: 'system' }>();
  return { ...superviseOne({ open: () => opening.promise }), open: () => opening.resolve({ language: 'system' }) };
}

const closed: string[] = [];
const port = (name: string) => ({ name, close: () => closed.push(name) }) as never;

it('a page is served by its last ports, whatever else was noted and asked meanwhile', async () => {
  const { host, served, open } = superviseWaiting();
  host.serve('ui', port('before'));
  host.serve('ui', port('ui'));
  host.serve('engine', port('engine'));
  for (let times = 0; times < 200; times += 1) host.note({ is: 'sender-refused' });
  for (let times = 0; times < 200; times += 1) host.call('woke', {}).catch(() => undefined);
  open();
  await vi.waitFor(() =>
    expect(served).toEqual([
      ['ui', 'ui'],
      ['engine', 'engine'],
    ]),
  );
  expect(closed).toEqual(['before']);
});

it('every call is answered or refused', async () => {
  const { host, open } = superviseWaiting();
  const calls = Array.from({ length: 200 }, () =>
    host.call('stagePaths', { paths: ['/a'] }).then(
      () => 'answered',
      () => 'refused',
    ),
  );
  open();
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['answered', 'refused']));
}, 5_000);

it('what waits when the app quits is refused', async () => {
  const { host } = superviseWaiting();
  const call = host.call('woke', {});
  const refused = expect(call).rejects.toMatchObject({ code: 'bridge-busy' });
  void host.close();
  await refused;
});

it.each([
  ['unusable', 'disk-denied'],
  ['unusable', 'data-folder-full'],
  ['stopped', 'internal'],
] as const)('a host that cannot open its folder is given up as %s where it says %s', async (why, code) => {
  const { givenUp } = superviseOne({ open: () => Promise.reject(new Fault(code, 'on purpose')) });
  await vi.waitFor(() => expect(givenUp).toEqual([why]));
});
