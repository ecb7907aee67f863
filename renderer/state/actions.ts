// Every action that screens call. One that needs another one gets it as an argument.

import type { StoreAccess } from './app-state.ts';
import { cancelActions } from './cancelling.ts';
import { codeActions } from './code-actions.ts';
import { composerActions } from './composer-actions.ts';
import { guestPageActions } from './guest-page-actions.ts';
import { disconnectActions } from './link-ending.ts';
import { networkActions } from './network-actions.ts';
import { offerActions } from './offer-actions.ts';
import { outboxActions } from './outbox-actions.ts';
import { phoneActions } from './phone-actions.ts';
import type { Ports } from './ports.ts';
import { receivedActions } from './received-actions.ts';
import { rememberedActions } from './remembered-actions.ts';
import { removalActions } from './removals.ts';
import { rowActions } from './row-actions.ts';
import { serverActions } from './server-actions.ts';
import { settingsActions } from './settings-actions.ts';

export type Actions = ReturnType<typeof gatherActions>;

export function gatherActions(access: StoreAccess, ports: Ports) {
  const network = networkActions(access, ports);
  const outbox = outboxActions(access, ports);
  const settings = settingsActions(access, { ...ports, ...network });
  const offers = offerActions(access, ports);
  const received = receivedActions(access, { ...ports, ...offers });
  const removals = removalActions(access, ports);
  return {
    ...codeActions(access, { ...ports, ...outbox }),
    ...outbox,
    ...disconnectActions(access, ports),
    ...removals,
    ...cancelActions(access, ports),
    ...rememberedActions(access, ports),
    ...offers,
    ...guestPageActions(ports),
    ...phoneActions(access, ports),
    ...received,
    ...network,
    ...settings,
    ...serverActions(access, { ...ports, ...network, ...settings }),
    ...rowActions(access, { ...ports, ...received, ...removals }),
    ...composerActions(access, ports),
    dismiss: (key: number) => access.set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.key !== key) })),
  };
}
