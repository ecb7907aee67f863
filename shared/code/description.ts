// Session descriptions: read down to the fixed fields, and rebuilt from them. Nothing of a foreign description passes
// through; whatever a field could smuggle is refused by its alphabet. Throws a Fault for what is not a data description.

import { Fault } from '../model/fault.ts';
import { bulkMessageMaxBytes, codeMaxCandidates } from '../wire/limits.ts';
import { addressBytes, addressText, familyOf } from './address.ts';
import { type CandidateRules, usableCandidates } from './candidates.ts';
import { isPwd, isUfrag } from './ice-words.ts';
import type { Candidate, SessionFields } from './link-code.ts';

export type DescriptionRole = {
  readonly type: 'offer' | 'answer';
  readonly setup: 'active' | 'passive' | 'actpass';
  readonly generation?: number;
};

/**
 * Of a description of data channels and nothing that moves besides, with one SHA-256 fingerprint. Unusable candidates are
 * left out; there may be none.
 */
export function fieldsFromSdp(sdp: string, rules: CandidateRules = {}): SessionFields {
  const lines = sdp.split(/\r\n|\n|\r/).map((line) => line.trim());
  const sections = mediaSections(lines);
  const others = sections.filter(([head]) => !dataSection.test(head!));
  if (sections.length - others.length !== 1 || !others.every(isInactiveVideo)) {
    throw new Fault('code-foreign-sdp', 'it is not a description of a data channel alone');
  }
  return {
    ufrag: only(lines, 'ice-ufrag', isUfrag),
    pwd: only(lines, 'ice-pwd', isPwd),
    fingerprint: readFingerprint(lines),
    candidates: usableCandidates(lines.flatMap(readCandidate), rules),
  };
}

/**
 * Throws a Fault for fields that cannot stand in a description: they may have come from a peer. The video section never
 * carries anything: for its sake Chromium gives the socket that the data comes in by room for four times the packets.
 */
export function sdpFromFields(fields: SessionFields, role: DescriptionRole): string {
  if (!isUfrag(fields.ufrag) || !isPwd(fields.pwd) || fields.fingerprint.length !== 32) throw unusable();
  const hex = [...fields.fingerprint].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase());
  const candidates = fields.candidates.slice(0, codeMaxCandidates);
  return [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    `a=ice-ufrag:${fields.ufrag}`,
    `a=ice-pwd:${fields.pwd}`,
    `a=fingerprint:sha-256 ${hex.join(':')}`,
    `a=setup:${role.setup}`,
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    ...candidates.map((each, at) => `a=${candidateLine(each, at, role.generation ?? 0)}`),
    'a=mid:0',
    'a=inactive',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    'a=mid:1',
    'a=sctp-port:5000',
    `a=max-message-size:${bulkMessageMaxBytes}`,
    '',
  ].join('\r\n');
}

const dataSection = /^m=application \d+ (UDP|TCP)\/DTLS\/SCTP webrtc-datachannel$/;

function isInactiveVideo([head, ...attributes]: readonly string[]): boolean {
  const moves = attributes.some((line) => /^a=(sendrecv|sendonly|recvonly)$/.test(line));
  return head!.startsWith('m=video ') && attributes.includes('a=inactive') && !moves;
}

/** Each from its `m=` line on. What stands before the first one is left out. */
function mediaSections(lines: readonly string[]): string[][] {
  const sections: string[][] = [];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([line]);
    else sections.at(-1)?.push(line);
  }
  return sections;
}

const typePreference = { host: 126, srflx: 100, relay: 2 };

/** As it stands in a description and as addIceCandidate takes it. A higher `generation` makes the browser try again. */
export function candidateLine(candidate: Candidate, index: number, generation: number, ufrag?: string): string {
  const { kind, family, port } = candidate;
  const bytes = addressBytes(family, candidate.address);
  if (bytes === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) throw unusable();
  if (ufrag !== undefined && !isUfrag(ufrag)) throw unusable();
  const priority = typePreference[kind] * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  const related = kind === 'host' ? '' : ` raddr ${family === 6 ? '::' : '0.0.0.0'} rport 0`;
  const whose = ufrag === undefined ? '' : ` ufrag ${ufrag}`;
  const where = `${addressText(family, bytes)} ${port}`;
  return `candidate:${index + 1} 1 udp ${priority} ${where} typ ${kind}${related} generation ${generation}${whose}`;
}

function only(lines: readonly string[], name: string, isRight: (text: string) => boolean): string {
  const values = new Set(valuesOf(lines, name));
  const [value] = values;
  if (values.size !== 1 || value === undefined || !isRight(value)) {
    throw new Fault('code-foreign-sdp', `it needs exactly one ${name}`);
  }
  return value;
}

function readFingerprint(lines: readonly string[]): Uint8Array {
  const values = new Set(valuesOf(lines, 'fingerprint').map((value) => value.toLowerCase()));
  const [value] = values;
  const hex = /^sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/.exec(value ?? '')?.[1];
  if (values.size !== 1 || hex === undefined || !/[1-9a-f]/.test(hex)) {
    throw new Fault('code-foreign-sdp', 'it needs exactly one SHA-256 fingerprint');
  }
  return Uint8Array.from(hex.split(':'), (pair) => Number.parseInt(pair, 16));
}

function readCandidate(line: string): Candidate[] {
  const match = /^a=candidate:\S+ 1 udp \d+ (\S{1,64}) (\d{1,5}) typ (host|srflx|relay)(?: |$)/i.exec(line);
  if (match === null) return [];
  const [, address, port, kind] = match as unknown as [string, string, string, string];
  const family = familyOf(address);
  const where = { address, port: Number(port) };
  if (kind.toLowerCase() === 'host') return [{ kind: 'host', family, ...where }];
  if (family === 'mdns') return [];
  return [{ kind: kind.toLowerCase() === 'relay' ? 'relay' : 'srflx', family, ...where }];
}

function valuesOf(lines: readonly string[], name: string): string[] {
  const start = `a=${name}:`;
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length).trim());
}

function unusable(): Fault {
  return new Fault('code-malformed', 'these fields cannot stand in a description');
}
