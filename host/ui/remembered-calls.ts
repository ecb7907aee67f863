// Remembered computers as the page asks for them, and whom a page that begins anew shall call.

import type { LastPeer } from '../lan/last-peer.ts';
import type { RememberedComputers } from '../lan/remembered-computers.ts';
import type { RunSettings } from '../run-settings.ts';
import type { Destinations } from '../sink/destination.ts';
import type { UiGroup } from './call-groups.ts';
import type { PickFolder } from './folder-picker.ts';

export type RememberedCallsOptions = {
  readonly remembered: RememberedComputers;
  readonly lastPeer: LastPeer;
  readonly destinations: Destinations;
  readonly settings: RunSettings;
  readonly pickFolder: PickFolder;
};

/** Nobody where computers that are remembered shall not find this one. */
export async function peerToCall({
  remembered,
  lastPeer,
  settings,
}: RememberedCallsOptions): Promise<string | undefined> {
  const id = settings.get().nearKnown ? lastPeer.id() : undefined;
  if (id === undefined) return undefined;
  return (await remembered.list()).find((each) => each.id === id && !each.blocked)?.id;
}

export function rememberedCalls(options: RememberedCallsOptions): UiGroup<'remembered'> {
  const { remembered, lastPeer, destinations, pickFolder } = options;
  return {
    'remembered.list': () => remembered.list(),
    'remembered.remember': (peer) => remembered.remember(peer),
    'remembered.change': ({ id, ...change }) => remembered.change(id, change),
    'remembered.pickAcceptDir': async ({ id }) => {
      const folder = await pickFolder();
      if (folder !== undefined) await remembered.change(id, { acceptDir: (await destinations.admit(folder)).label });
    },
    'remembered.acceptDestination': async ({ id }) => {
      const folder = remembered.acceptDir(id);
      return folder === undefined ? null : destinations.admit(folder);
    },
    'remembered.forget': ({ id }) => remembered.forget(id),
    'remembered.call': async ({ id, invite }) => (await remembered.call(id, invite)) ?? null,
    'remembered.renew': ({ renewal, ...meeting }) => remembered.renew(meeting, renewal),
    'remembered.linked': ({ id }) => lastPeer.set(id ?? undefined),
    'remembered.answer': ({ request, reply }) => remembered.answer(request, reply),
  };
}
