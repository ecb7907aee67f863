// Link codes as text: TINCAN: and base32, upper case, so that a QR code can hold them in its alphanumeric mode.
// Reading takes what people really paste and answers with a code or with what is wrong with it; it never throws.

import type { FaultCode, FaultView } from '../model/fault.ts';
import { Fault } from '../model/fault.ts';
import { pastedCodeMaxChars } from '../wire/limits.ts';
import { fromBase32, toBase32 } from './base32.ts';
import { type CandidateRules, usableCandidates } from './candidates.ts';
import { looksForeign, readForeign } from './foreign.ts';
import type { LinkCode } from './link-code.ts';
import { codeMinBytes, codeVersion, isChecksumRight, packCode, unpackCode } from './pack.ts';
import { codePrefix, type Found, findCodes } from './pasted-text.ts';

export type Decoded =
  | { readonly ok: true; readonly code: LinkCode; readonly bytes: Uint8Array; readonly foreign: boolean }
  | { readonly ok: false; readonly fault: FaultView };

/** A newer code is only believed to be one when there is enough of it; "tincan: hello" is not. */
const newerMinSymbols = 64;

/** Throws a Fault when a field cannot stand in a code. */
export function encodeCode(code: LinkCode, rules: CandidateRules = {}): string {
  return codeText(codeBytes(code, rules));
}

/** Canonical bytes as the text that people carry. */
export function codeText(bytes: Uint8Array): string {
  return codePrefix + toBase32(bytes);
}

/** The canonical bytes, the same on both sides: what the digits are bound to. */
export function codeBytes(code: LinkCode, rules: CandidateRules = {}): Uint8Array {
  const bytes = packCode({ ...code, candidates: usableCandidates(code.candidates, rules) });
  if (bytes === undefined) throw new Fault('code-malformed', 'these fields cannot be written as a code');
  return bytes;
}

/** Of several codes in one text the last whole one counts: in a chat, that is the newest. */
export function decodeCode(text: string, rules: CandidateRules = {}): Decoded {
  if (text.length > pastedCodeMaxChars) return refuse('code-too-long', 'this is far longer than a code');
  if (looksForeign(text)) return readForeign(text, rules);
  const tries = findCodes(text).map((found) => ({ found, decoded: decodeFound(found, rules) }));
  const whole = tries.findLast(({ decoded }) => decoded.ok);
  if (whole !== undefined) return whole.decoded;
  const longest = tries.sort((a, b) => b.found.symbols.length - a.found.symbols.length)[0];
  return longest?.decoded ?? refuse('code-not-ours', 'this is not a Tincan code');
}

function decodeFound(found: Found, rules: CandidateRules): Decoded {
  const { symbols, need, header, runsOn } = found;
  if (header !== undefined && header.version !== codeVersion) {
    return symbols.length >= newerMinSymbols
      ? refuse('code-newer-version', 'this code was made by another version of Tincan')
      : refuse('code-not-ours', 'this is not a Tincan code');
  }
  if (symbols.length < need) return incomplete(symbols.length, need);
  if (runsOn || (header?.totalBytes ?? 0) < codeMinBytes) return damaged();
  const bytes = fromBase32(symbols);
  if (bytes === undefined || !isChecksumRight(bytes)) return damaged();
  const code = unpackCode(bytes);
  if (code === undefined) return refuse('code-malformed', 'this code holds something that no Tincan writes');
  return checkUse(code, bytes, rules);
}

function checkUse(code: LinkCode, bytes: Uint8Array, rules: CandidateRules): Decoded {
  if (code.fingerprint.every((byte) => byte === 0)) return refuse('code-malformed', 'this code names no certificate');
  const candidates = usableCandidates(code.candidates, rules);
  if (candidates.length === 0) return refuse('code-unusable', 'this code holds no address that can be reached');
  return { ok: true, code: { ...code, candidates }, bytes, foreign: false };
}

function incomplete(have: number, need: number): Decoded {
  const detail = { have: have + codePrefix.length, need: need + codePrefix.length };
  return {
    ok: false,
    fault: {
      code: 'code-incomplete',
      message: `the code is cut off: ${detail.have} of ${detail.need} characters`,
      detail,
    },
  };
}

function damaged(): Decoded {
  return refuse('code-damaged', 'a character of this code is wrong, missing or doubled');
}

function refuse(code: FaultCode, message: string): Decoded {
  return { ok: false, fault: { code, message } };
}
