// What the host does for a link over its networks: ports at the person's router, replies over the LAN, the guest page for a phone.

import type { Clock } from '../../shared/model/clock.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import type { Disk } from '../disk/disk.ts';
import type { PageCalls, ShellServices } from '../host.ts';
import { openPhonePage } from '../lan/phone-page.ts';
import { phonePlace } from '../lan/phone-place.ts';
import { openReplyDelivery } from '../lan/reply-delivery.ts';
import { openBothFamilies } from '../router/both-families.ts';
import { defaultGateway } from '../router/default-gateway.ts';
import { defaultGatewayV6 } from '../router/default-gateway-v6.ts';
import { protocolsV4, protocolsV6 } from '../router/find-router.ts';
import { lanePorts, type OutsidePorts, replyPorts } from '../router/outside-ports.ts';
import { openPagePorts, type PagePorts } from '../router/page-ports.ts';
import { openRouter } from '../router/router.ts';
import type { RunSettings } from '../run-settings.ts';
import type { EmitUi } from './call-groups.ts';

export interface PageNetwork {
  readonly calls: PageCalls;
  /** Closes what these calls opened, once; from then on they are refused. */
  gone(): Promise<void>;
}

export interface NetworkServices {
  /** There is one page at a time: the one before it is gone. */
  openPage(): PageNetwork;
  /** For the direct lane. */
  readonly lanePorts: OutsidePorts;
  routerView(): RouterView;
  addressesChanged(): void;
  settingsChanged(): Promise<void>;
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

  let current: PageNetwork | undefined;

  const callsOf = (ports: PagePorts): PageCalls => ({
    'lan.invites': ({ codes }) => {
      // Linked, or somebody's invite was taken: nobody is waited for.
      if (codes.length === 0) phone.close();
      return delivery.setInvites(codes);
    },
    'lan.deliver': async ({ invite, reply }) => ({ delivered: await delivery.deliver(invite, reply) }),
    'phone.open': ({ invite }) => phone.open(invite),
    'phone.close': () => phone.close(),
    'router.open': ({ hosts }) => ports.open(hosts),
    'router.shut': ({ ports: closed }) => ports.shut(closed),
    'router.renew': () => router.renew(),
    'router.check': () => ports.check(),
  });

  async function leave(ports: PagePorts): Promise<void> {
    phone.close();
    await Promise.all([delivery.leave(), ports.gone()]);
  }

  return {
    openPage() {
      void current?.gone();
      const ports = openPagePorts(router);
      let closing: Promise<void> | undefined;
      current = {
        calls: whileOpen(callsOf(ports), () => closing === undefined),
        gone() {
          closing ??= leave(ports);
          return closing;
        },
      };
      return current;
    },
    lanePorts: lanePorts(router),
    routerView: () => router.view(),
    addressesChanged: () => router.networkChanged(),
    async settingsChanged() {
      await Promise.all([delivery.refresh(), router.settingChanged()]);
    },
    async close() {
      delivery.close();
      phone.close();
      await router.close();
    },
  };
}

/** A page that is gone may have asked just before: what it would open now, nobody would close. */
function whileOpen(calls: PageCalls, isOpen: () => boolean): PageCalls {
  const guarded = Object.entries(calls).map(([name, handle]) => [
    name,
    (input: never) => {
      if (!isOpen()) throw new Fault('bridge-closed', 'this page is gone');
      return handle(input);
    },
  ]);
  return Object.fromEntries(guarded) as PageCalls;
}
