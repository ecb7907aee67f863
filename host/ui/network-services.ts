// What the host does for a link over its networks: ports at the person's router, replies over the LAN, the guest page for a phone.

import type { Clock } from '../../shared/model/clock.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import type { Disk } from '../disk/disk.ts';
import type { ShellServices } from '../host.ts';
import { openPhonePage } from '../lan/phone-page.ts';
import { phonePlace } from '../lan/phone-place.ts';
import { openReplyDelivery } from '../lan/reply-delivery.ts';
import { openBothFamilies } from '../router/both-families.ts';
import { defaultGateway } from '../router/default-gateway.ts';
import { defaultGatewayV6 } from '../router/default-gateway-v6.ts';
import { protocolsV4, protocolsV6 } from '../router/find-router.ts';
import { lanePorts, type OutsidePorts, replyPorts } from '../router/outside-ports.ts';
import { openPagePorts } from '../router/page-ports.ts';
import { openRouter } from '../router/router.ts';
import type { RunSettings } from '../run-settings.ts';
import type { EmitUi, UiGroup } from './call-groups.ts';

export interface NetworkServices {
  readonly calls: UiGroup<'lan' | 'phone' | 'router'>;
  /** For the direct lane. */
  readonly lanePorts: OutsidePorts;
  routerView(): RouterView;
  addressesChanged(): void;
  settingsChanged(): Promise<void>;
  /** The page went away: nothing that it asked for stays. */
  pageGone(): Promise<void>;
  close(): Promise<void>;
}

export type NetworkOptions = {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly settings: RunSettings;
  readonly services: Pick<ShellServices, 'guestPage'>;
  readonly emit: EmitUi;
};

export function openNetworkServices({ disk, clock, settings, services, emit }: NetworkOptions): NetworkServices {
  const router = openBothFamilies(
    (family, onView) =>
      openRouter({
        clock,
        isOn: () => settings.get().internet && settings.get().askRouter,
        findGateway: () => (family === 4 ? defaultGateway : defaultGatewayV6)(process.platform, disk),
        protocols: family === 4 ? protocolsV4 : protocolsV6,
        onView,
        onMoved: () => emit('router-moved', null),
      }),
    (view) => emit('router-changed', view),
  );
  const pagePorts = openPagePorts(router);
  const delivery = openReplyDelivery({
    isOn: () => settings.get().nearReplies,
    onReply: (text) => emit('near-reply', { text }),
    mayLeave: () => settings.get().internet,
    outside: replyPorts(router),
  });
  const phone = openPhonePage({
    clock,
    guestPage: () => services.guestPage(),
    findPlace: async () => phonePlace((await defaultGateway(process.platform, disk))?.ownAddress),
    onReply: (text) => emit('near-reply', { text }),
    onClosed: (why) => emit('phone-closed', { why }),
  });

  return {
    lanePorts: lanePorts(router),
    routerView: () => router.view(),
    addressesChanged: () => router.networkChanged(),
    async settingsChanged() {
      await Promise.all([delivery.refresh(), router.settingChanged()]);
    },
    async pageGone() {
      phone.close();
      await Promise.all([delivery.leave(), pagePorts.gone()]);
    },
    async close() {
      delivery.close();
      phone.close();
      await router.close();
    },
    calls: {
      'lan.invites': ({ codes }) => {
        // Linked, or somebody's invite was taken: nobody is waited for.
        if (codes.length === 0) phone.close();
        return delivery.setInvites(codes);
      },
      'lan.deliver': async ({ invite, reply }) => ({ delivered: await delivery.deliver(invite, reply) }),
      'phone.open': ({ invite }) => phone.open(invite),
      'phone.close': () => phone.close(),
      'router.open': ({ hosts }) => pagePorts.open(hosts),
      'router.shut': ({ ports }) => pagePorts.shut(ports),
      'router.renew': () => router.renew(),
      'router.check': () => pagePorts.check(),
    },
  };
}
