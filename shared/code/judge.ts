// Whether a well-formed code fits what this side is doing. Pure: the link says what it knows, this says what is wrong.

import type { FaultCode, FaultView } from '../model/fault.ts';
import type { LinkCode } from './link-code.ts';

export type CodeSituation = {
  /** Session ids of this side's own invites that still wait, as lower-case hex. */
  readonly mySessionIds: ReadonlySet<string>;
  /** Fingerprints of this side's own certificates, waiting or past, as lower-case hex. */
  readonly myFingerprints: ReadonlySet<string>;
  /** Session ids that were already taken, invites and replies alike. */
  readonly usedSessionIds: ReadonlySet<string>;
  readonly expecting: 'any' | LinkCode['kind'];
  /** The code was read from another tool's description: as a reply it does not say whom it answers. */
  readonly foreign?: boolean;
};

const sentences = {
  'code-own': 'this is your own code; it belongs on the other computer',
  'code-used': 'this code was already used',
  'code-is-reply': 'this is a reply; it belongs on the computer that made the first code',
  'code-is-invite': 'this is an invite; a reply is needed here',
  'code-other-invite': 'this reply belongs to another invite',
  'code-foreign-sdp': 'an answer of another tool does not say which invite it answers',
} as const satisfies Partial<Record<FaultCode, string>>;

export function judgeCode(code: LinkCode, situation: CodeSituation): FaultView | undefined {
  const fault = faultOf(code, situation);
  return fault === undefined ? undefined : { code: fault, message: sentences[fault] };
}

function faultOf(code: LinkCode, situation: CodeSituation): keyof typeof sentences | undefined {
  const session = hex(code.sessionId);
  const { mySessionIds, myFingerprints, usedSessionIds, expecting, foreign = false } = situation;
  if (myFingerprints.has(hex(code.fingerprint))) return 'code-own';
  if (code.kind === 'invite' && mySessionIds.has(session)) return 'code-own';
  if (usedSessionIds.has(session)) return 'code-used';
  if (code.kind === 'reply' && expecting === 'invite') return 'code-is-reply';
  if (code.kind === 'invite' && expecting === 'reply') return 'code-is-invite';
  if (code.kind === 'reply' && foreign) return 'code-foreign-sdp';
  if (code.kind === 'reply' && !mySessionIds.has(session)) return 'code-other-invite';
  return undefined;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
