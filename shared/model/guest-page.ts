// What differs between two copies of the guest page: the invite that travels inside it, and what its policy lets a copy
// reach that a computer serves to a phone.

import { join } from './bytes.ts';
import { Fault } from './fault.ts';

export const inviteName = 'tincan-invite';
/** As the build writes it, once. */
export const inviteTag = (code: string): string => `<meta name="${inviteName}" content="${code}">`;

/** Of the policy. A page from disk reaches nobody; one that was served reaches its server, where it takes its reply. */
export const connectNowhere = 'connect-src data:;';
const connectToServer = "connect-src 'self' data:;";

/** Below the address of the page that was served. */
export const replyPath = 'reply';

/** What a code is made of; nothing of it means anything in a page. */
const codeText = /^TINCAN:[0-9A-Z:.-]+$/;

export function withInvite(page: Uint8Array, code: string): Uint8Array<ArrayBuffer> {
  if (!codeText.test(code)) throw new Fault('code-malformed', 'this is no code');
  return replaced(page, inviteTag(''), inviteTag(code));
}

/** The copy for a phone, which knows its invite from the address. */
export function asServed(page: Uint8Array): Uint8Array<ArrayBuffer> {
  return replaced(page, connectNowhere, connectToServer);
}

function replaced(page: Uint8Array, wanted: string, by: string): Uint8Array<ArrayBuffer> {
  const before = new TextEncoder().encode(wanted);
  const at = indexOf(page, before);
  if (at < 0) throw new Fault('internal', 'this is no guest page');
  return join([page.subarray(0, at), new TextEncoder().encode(by), page.subarray(at + before.length)]);
}

/** All of it stands near the beginning. */
function indexOf(page: Uint8Array, wanted: Uint8Array): number {
  for (let at = 0; at + wanted.length <= page.length; at += 1) {
    if (wanted.every((byte, offset) => page[at + offset] === byte)) return at;
  }
  return -1;
}
