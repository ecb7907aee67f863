// An invite and its reply for tests of deliveries: whatever addresses are wanted, the rest fixed.

import { encodeCode } from '../../../shared/code/code-text.ts';
import type { Candidate, LinkCode } from '../../../shared/code/link-code.ts';
import { sampleCode } from '../code/sample-codes.ts';

export function inviteAt(port: number, address = '127.0.0.1'): string {
  const candidates: Candidate[] = [{ kind: 'host', family: 4, address, port }];
  return encodeCode(sampleCode({ candidates }), { loopback: true });
}

export function inviteOf(candidates: readonly Candidate[]): LinkCode {
  return sampleCode({ candidates });
}

export function replyOf(session?: Uint8Array): string {
  return encodeCode(
    sampleCode({
      kind: 'reply',
      fingerprint: new Uint8Array(32).fill(9),
      ufrag: 'repl',
      ...(session === undefined ? {} : { sessionId: session }),
    }),
  );
}
