// Whose a fault code is that came from the other side. Whatever breaks there is theirs: a code counts only where it can be true of what
// they do in this transfer, and every other one reads as "it went wrong on the other side". Nothing that a peer sends can make this side
// say that something of its own has stopped.

import type { FaultCode } from '../model/fault.ts';
import type { ControlMessage } from './control.ts';

/** Codes of the transfer itself, which read the same on both sides. */
const ofBoth = ['block-damaged', 'hash-mismatch', 'transfer-unknown', 'transfer-refused', 'peer-left'] as const;
const ofReceiver = [
  ...ofBoth,
  'manifest-invalid',
  'manifest-too-large',
  'name-refused',
  'disk-full',
  'disk-quota',
  'disk-denied',
  'disk-gone',
  'disk-read-only',
  'disk-error',
  'disk-file-too-large',
  'disk-name-too-long',
  'disk-too-many-open',
  'destination-refused',
  'publish-waiting',
  'data-folder-full',
  'data-unreadable',
] as const;
const ofSender = [
  ...ofBoth,
  'name-unsendable',
  'source-missing',
  'source-changed',
  'source-unreadable',
  'source-not-a-file',
  'source-too-many-open',
  // Our disk was full too often.
  'disk-full',
  'data-unreadable',
] as const;

const known: Readonly<Record<'sender' | 'receiver', ReadonlySet<FaultCode>>> = {
  sender: new Set<FaultCode>(ofSender),
  receiver: new Set<FaultCode>(ofReceiver),
};

/** The only way in for the codes of a message. `role`: what the other side does in this transfer. */
export function withPeerCodes<T extends ControlMessage>(message: T, role: 'sender' | 'receiver'): T {
  if ('code' in message && message.code !== undefined) return { ...message, code: codeOfPeer(message.code, role) };
  if (!('faults' in message)) return message;
  return { ...message, faults: message.faults.map(({ index, code }) => ({ index, code: codeOfPeer(code, role) })) };
}

function codeOfPeer(code: FaultCode, role: 'sender' | 'receiver'): FaultCode {
  // Without its host their side has left.
  if (code === 'bridge-closed') return 'peer-left';
  return known[role].has(code) ? code : 'peer-failed';
}
