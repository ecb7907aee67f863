// The link's only way to codes and descriptions. Everything is rebuilt from fixed fields; nothing foreign passes through.

import type { Candidate, LinkCode, SessionFields } from '../../shared/code/link-code.ts';
import { fromHex, toHex } from '../../shared/link/bytes.ts';
import { Fault } from '../../shared/model/fault.ts';
import { codeMaxCandidates } from '../../shared/wire/limits.ts';

export function writeCode(code: LinkCode): string {
  return `TINCAN:${toHex(codeBytes(code))}`.toUpperCase();
}

/** Throws a Fault with the reason a person can act on. */
export function readCode(text: string): LinkCode {
  const hex = /TINCAN:([0-9A-F]+)/i.exec(text)?.[1]?.toLowerCase();
  if (hex === undefined) throw new Fault('code-not-ours', 'not a Tincan code');
  try {
    const raw = JSON.parse(new TextDecoder().decode(fromHex(hex)));
    return { ...raw, fingerprint: fromHex(raw.fingerprint), sessionId: fromHex(raw.sessionId) };
  } catch (cause) {
    throw new Fault('code-damaged', 'a character is wrong', { cause });
  }
}

/** What the transcript hashes: the decoded bytes of a code, the same on both sides whatever the text looked like. */
export function codeBytes(code: LinkCode): Uint8Array {
  const { kind, ufrag, pwd, candidates, name } = code;
  const fingerprint = toHex(code.fingerprint);
  const sessionId = toHex(code.sessionId);
  return new TextEncoder().encode(JSON.stringify({ kind, sessionId, ufrag, pwd, fingerprint, candidates, name }));
}

export function fieldsFromSdp(sdp: string): SessionFields {
  const value = (name: string) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1]?.trim() ?? '';
  const candidates = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx|relay)/gim)].map(
    ([, address, port, kind]): Candidate => {
      const family = address!.endsWith('.local') ? 'mdns' : address!.includes(':') ? 6 : 4;
      return { kind: kind as 'host', family: family as 4, address: address!, port: Number(port) };
    },
  );
  return {
    ufrag: value('ice-ufrag'),
    pwd: value('ice-pwd'),
    fingerprint: fromHex(value('fingerprint').replace('sha-256 ', '').replaceAll(':', '').toLowerCase()),
    candidates: candidates.slice(0, codeMaxCandidates),
  };
}

export type DescriptionRole = { readonly type: 'offer' | 'answer'; readonly setup: 'active' | 'passive' };

export function sdpFromFields(fields: SessionFields, role: DescriptionRole): string {
  const fingerprint = toHex(fields.fingerprint).toUpperCase().match(/../g)!.join(':');
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...fields.candidates.map((each, at) => `a=${candidateLine(each, at, 0)}`),
    `a=ice-ufrag:${fields.ufrag}`,
    `a=ice-pwd:${fields.pwd}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${role.setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
    'a=max-message-size:262144',
    '',
  ].join('\r\n');
}

export function candidateLine(candidate: Candidate, index: number, generation: number): string {
  const preference = { host: 126, srflx: 100, relay: 2 }[candidate.kind];
  const priority = preference * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  const related = candidate.kind === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
  return `candidate:${index + 1} 1 udp ${priority} ${candidate.address} ${candidate.port} typ ${candidate.kind}${related} generation ${generation}`;
}

export function freshSessionId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(8));
}
