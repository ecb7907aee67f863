// What the host reports: to the link, to the engine, and into the store.

import type { Actions } from './actions.ts';
import type { AppState, StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

export function onHost(access: StoreAccess, actions: Actions, { host, link, onHostNews }: Ports): (() => void)[] {
  // What was told before anybody listened came when nobody could be seen: it is for nobody in particular.
  let isEarly = true;
  const stops = [
    host.on('opening', ({ batch }) => {
      if (!isEarly) actions.expectOpened(batch);
    }),
    host.on('staged', (opened) => actions.addOpened(opened)),
    host.on('pick', (asked) => void actions.pickAsked(asked)),
    host.on('settings-changed', (settings) => actions.applySettings(settings)),
    host.on('network-changed', () => actions.forgetNetwork()),
    host.on('router-changed', (router) => access.set(() => ({ router }))),
    host.on('router-moved', () => link.nudge('addresses')),
    host.on('code-link', ({ text }) => actions.typeCode(text)),
    host.on('phone-closed', ({ why }) => actions.phoneClosed(why)),
    host.on('remembered-changed', (known) => access.set(() => ({ known }))),
    host.on('unfinished-changed', () => void actions.loadUnfinished()),
    host.on('screen-locked', () => actions.setScanning(false)),
    host.on('replaced', () => access.set(() => ({ host: 'replaced' }))),
    host.onClose(() => {
      // Without its host this page can neither read nor write: the other side must not go on as if it could.
      link.close();
      access.set(({ host: now, facts }) => ({ host: now === 'here' ? lostHost(facts) : now }));
    }),
    onHostNews?.((news) => {
      if (news === 'given-up') access.set(() => ({ host: 'given-up' }));
    }) ?? (() => undefined),
  ];
  queueMicrotask(() => {
    isEarly = false;
  });
  return stops;
}

/** Main starts the host of a desktop app again, and tells the page to load itself again then. */
function lostHost({ shell }: AppState['facts']): AppState['host'] {
  return shell === 'electron' ? 'restarting' : 'gone';
}
