// Remembered computers: looking for one, and what is kept of them.

import { toFaultView } from '../../shared/model/fault.ts';
import { isReply, type StoreAccess } from './app-state.ts';
import type { OutboxItem } from './outbox-item.ts';
import type { Ports } from './ports.ts';

export type RememberedChange = {
  readonly name?: string;
  readonly blocked?: boolean;
  readonly acceptMaxBytes?: number | null;
  /** The download folder again. */
  readonly acceptDir?: null;
};

export function rememberedActions({ get, set, toast }: StoreAccess, { host, link }: Ports) {
  async function tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      toast({ is: 'fault', fault: toFaultView(error) });
      return undefined;
    }
  }

  return {
    /** Never a guest page: there is nothing behind it that could keep a secret. */
    remember: (choice: 'yes' | 'no') => link.remember(get().isGuestPeer ? 'no' : choice),
    async loadRemembered(): Promise<void> {
      const known = await tried(() => host.call('remembered.list', {}));
      if (known !== undefined) set(() => ({ known }));
    },
    /** Chooses it for these: a click, for all that waits; a drop, for what was dropped. That may take a while to be read. */
    async callRemembered(id: string, items: readonly OutboxItem[] = get().staged): Promise<void> {
      const { calling, session } = get();
      if (calling.at === 'calling' || session.at !== 'pairing' || isReply(session)) return;
      const choice = { known: id, items: items.map((item) => item.id) };
      set(() => ({ calling: { at: 'calling', id }, chosen: choice }));
      const isFound = await link.callRemembered(id);
      set(({ calling, chosen, session }) => ({
        ...(calling.at === 'calling' && calling.id === id
          ? { calling: isFound ? { at: 'idle' } : { at: 'missed', id } }
          : {}),
        // Whoever was found is being connected to by now, and who was not may have called by themselves.
        ...(chosen === choice && session.at !== 'connecting' ? { chosen: undefined } : {}),
      }));
    },
    async changeRemembered(id: string, change: RememberedChange): Promise<void> {
      await tried(() => host.call('remembered.change', { id, ...change }));
    },
    async pickAcceptDir(id: string): Promise<void> {
      await tried(() => host.call('remembered.pickAcceptDir', { id }));
    },
    async forgetRemembered(id: string): Promise<void> {
      await tried(() => host.call('remembered.forget', { id }));
    },
  };
}
