// A bare session description, or {type, sdp} as JSON, from another WebRTC tool. Only the fixed fields are taken from it.
// It names no session: the first 8 bytes of its fingerprint stand in. A reply of ours is still written as a Tincan code,
// so this helps other clients that speak this protocol, not tools that expect a description back.

import type { FaultView } from '../model/fault.ts';
import { toFaultView } from '../model/fault.ts';
import { type CandidateRules, usableCandidates } from './candidates.ts';
import { fieldsFromSdp } from './description.ts';
import type { LinkCode } from './link-code.ts';
import { packCode } from './pack.ts';

type ForeignDecoded =
  | { readonly ok: true; readonly code: LinkCode; readonly bytes: Uint8Array; readonly foreign: true }
  | { readonly ok: false; readonly fault: FaultView };

export function looksForeign(text: string): boolean {
  return /^\s*v=0\s*[\r\n]/.test(text) || /^\s*\{.*"(sdp|type)"\s*:/s.test(text);
}

export function readForeign(text: string, rules: CandidateRules): ForeignDecoded {
  const description = readDescription(text);
  if (description === undefined) return refuse('it is neither an offer nor an answer that a browser made');
  try {
    const fields = fieldsFromSdp(description.sdp, rules);
    if (fields.candidates.length === 0) return refuse('it holds no address that can be reached');
    const kind = description.type === 'offer' ? 'invite' : 'reply';
    const code: LinkCode = { ...fields, kind, sessionId: fields.fingerprint.slice(0, 8) };
    const bytes = packCode({ ...code, candidates: usableCandidates(code.candidates, rules) });
    return bytes === undefined ? refuse('its fields do not fit a code') : { ok: true, code, bytes, foreign: true };
  } catch (error) {
    return refuse(toFaultView(error).message);
  }
}

function readDescription(text: string): { readonly type: 'offer' | 'answer'; readonly sdp: string } | undefined {
  const trimmed = text.trim();
  // Only an offer leaves the DTLS role open.
  if (!trimmed.startsWith('{')) return { type: /^a=setup:actpass\s*$/m.test(text) ? 'offer' : 'answer', sdp: trimmed };
  try {
    const value: unknown = JSON.parse(trimmed);
    if (typeof value !== 'object' || value === null || !('type' in value) || !('sdp' in value)) return undefined;
    if ((value.type !== 'offer' && value.type !== 'answer') || typeof value.sdp !== 'string') return undefined;
    return { type: value.type, sdp: value.sdp };
  } catch {
    return undefined;
  }
}

function refuse(why: string): ForeignDecoded {
  return {
    ok: false,
    fault: { code: 'code-foreign-sdp', message: `this comes from another tool and cannot be used: ${why}` },
  };
}
