// "Connect a phone": the host serves the guest page while the panel is open and the invite waits.

import { toFaultView } from '../../shared/model/fault.ts';
import type { LinkView } from '../../shared/model/link-view.ts';
import { type AppState, inviteOf, type Panel, type PhoneView, type StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

export function phoneActions({ get, set }: StoreAccess, { host }: Pick<Ports, 'host'>) {
  /** Counts what was asked of the host: only the last answer counts. */
  let asked = 0;

  async function serve(invite: string): Promise<void> {
    asked += 1;
    const mine = asked;
    const answer: PhoneView = await host.call('phone.open', { invite }).then(
      (page) => ({ at: 'open', ...page }),
      (error: unknown) => ({ at: 'failed', fault: toFaultView(error) }),
    );
    if (mine === asked) set(() => ({ phone: answer }));
  }

  function close(): void {
    asked += 1;
    host.call('phone.close', {}).catch(() => undefined);
    set(() => ({ phone: { at: 'closed' } }));
  }

  return {
    openPanel(panel: Panel): void {
      const before = get().panel;
      set(() => ({ panel }));
      if (before === 'phone' && panel !== 'phone') close();
    },
    letPhoneIn(): void {
      const invite = inviteOf(get().session);
      if (invite === undefined) return;
      set(() => ({ panel: 'phone', phone: { at: 'opening' } }));
      void serve(invite);
    },
    /** The panel's address holds the newest invite, and there is nothing to wait for without one. */
    phoneInviteChanged(before: LinkView, now: LinkView): void {
      const { panel, phone }: AppState = get();
      if (panel !== 'phone') return;
      const invite = inviteOf(now);
      if (now.at !== 'pairing' || (now.code.at === 'ready' && invite === undefined)) {
        set(() => ({ panel: 'none' }));
        close();
      } else if (invite !== undefined && invite !== inviteOf(before) && phone.at !== 'closed') void serve(invite);
    },
    phoneClosed(why: Exclude<Extract<PhoneView, { at: 'closed' }>['why'], undefined>): void {
      asked += 1;
      set(() => ({ phone: { at: 'closed', why } }));
    },
  };
}
