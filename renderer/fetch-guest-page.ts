// The guest page as it was built, from where this page came from. It is served under a name that no browser opens as a page.

import { Fault } from '../shared/model/fault.ts';

export async function fetchGuestPage(): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch('./guest-page.bin');
  if (!answer.ok) throw new Fault('internal', `the guest page is not there: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}
