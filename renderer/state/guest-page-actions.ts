// Saving the guest page: one file that somebody without Tincan opens in a browser, with an invite inside if wanted.

import { sha256, toHex } from '../../shared/model/bytes.ts';
import { type FaultView, toFaultView } from '../../shared/model/fault.ts';
import { withInvite } from '../../shared/model/guest-page.ts';
import type { Ports } from './ports.ts';

export type GuestPage =
  | { readonly at: 'ready'; readonly bytes: Uint8Array<ArrayBuffer>; readonly sha256: string }
  | { readonly at: 'failed'; readonly fault: FaultView };

export function guestPageActions({ guestPage, window }: Pick<Ports, 'guestPage' | 'window'>) {
  return {
    /** `invite`: filled in when the page is opened. */
    async makeGuestPage(invite: string | undefined): Promise<GuestPage> {
      try {
        const built = (await guestPage?.()) ?? new Uint8Array();
        const bytes = invite === undefined ? built : withInvite(built, invite);
        return { at: 'ready', bytes, sha256: toHex(await sha256(bytes)) };
      } catch (error) {
        return { at: 'failed', fault: toFaultView(error) };
      }
    },
    saveGuestPage: ({ bytes }: GuestPage & { readonly at: 'ready' }) =>
      window.save('tincan-guest.html', new Blob([bytes], { type: 'text/html' })),
  };
}
