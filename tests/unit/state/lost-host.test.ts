// A host that ends while the page is still being put together.

import { expect, it } from 'vitest';
import { portFromMessagePort } from '../../../renderer/bridge/message-port.ts';
import { facts, openStage } from '../../../renderer/gallery/fake-ports.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import { openApp } from '../../../renderer/state/open-app.ts';
import type { UiCalls, UiEvents } from '../../../shared/ipc/contract.ts';
import { openRpcClient } from '../../../shared/ipc/rpc.ts';

it.each([
  ['browser', 'gone'],
  ['electron', 'restarting'],
] as const)('on the page of the %s shell a host that ended before the screens were there is %s', (shell, told) => {
  const host = openRpcClient<UiCalls, UiEvents>(portFromMessagePort(new MessageChannel().port1));
  const { ports } = openStage({ at: 'pairing', code: { at: 'making' } }, [], plan);
  const link = { closed: 0 };
  host.close();
  const tincan = openApp(
    {
      ...ports,
      host,
      link: {
        ...ports.link,
        close: () => {
          link.closed += 1;
        },
      },
    },
    { ...facts, shell },
  );
  expect(tincan.store.getState().host).toBe(told);
  expect(link.closed).toBe(1);
  tincan.close();
});
