// The one place in a guest page that may differ between two copies: the invite that travels inside it.

import { join } from './bytes.ts';
import { Fault } from './fault.ts';

export const inviteName = 'tincan-invite';
/** As the build writes it, once. */
export const inviteTag = (code: string): string => `<meta name="${inviteName}" content="${code}">`;

/** What a code is made of; nothing of it means anything in a page. */
const codeText = /^TINCAN:[0-9A-Z:.-]+$/;

export function withInvite(page: Uint8Array, code: string): Uint8Array<ArrayBuffer> {
  if (!codeText.test(code)) throw new Fault('code-malformed', 'this is no code');
  const empty = new TextEncoder().encode(inviteTag(''));
  const at = indexOf(page, empty);
  if (at < 0) throw new Fault('internal', 'this is no guest page');
  return join([page.subarray(0, at), new TextEncoder().encode(inviteTag(code)), page.subarray(at + empty.length)]);
}

/** It stands near the beginning. */
function indexOf(page: Uint8Array, wanted: Uint8Array): number {
  for (let at = 0; at + wanted.length <= page.length; at += 1) {
    if (wanted.every((byte, offset) => page[at + offset] === byte)) return at;
  }
  return -1;
}
