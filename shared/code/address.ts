// Addresses of candidates between text and bytes. What cannot be written as exactly 4 or 16 bytes is no address:
// zone ids, host names and line breaks end here.

import type { Candidate } from './link-code.ts';

export type Family = Candidate['family'];

const uuidName = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.local$/;

export function addressLength(family: Family): number {
  return family === 4 ? 4 : 16;
}

export function addressBytes(family: Family, text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  if (family === 4) return parseV4(text);
  return family === 6 ? parseV6(text.toLowerCase()) : parseName(text.toLowerCase());
}

export function addressText(family: Family, bytes: Uint8Array): string {
  if (family === 4) return bytes.join('.');
  return family === 6 ? v6Text(bytes) : nameText(bytes);
}

export function familyOf(text: string): Family {
  if (text.includes(':')) return 6;
  return /^[\d.]+$/.test(text) ? 4 : 'mdns';
}

/** Good on one cable only, and every interface has one. */
export function isLinkLocalV6([first, second = 0]: Uint8Array): boolean {
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/** A number of one computer, and not this one: nothing unspecified, of a loopback, for many, or reserved. */
export function isDialable(text: string): boolean {
  const family = familyOf(text);
  const bytes = family === 'mdns' ? undefined : addressBytes(family, text);
  if (bytes === undefined) return false;
  if (family === 4) return bytes[0]! > 0 && bytes[0] !== 127 && bytes[0]! < 224;
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0);
  return !isMapped && bytes[0] !== 0xff;
}

function parseV4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const parts = match?.slice(1).map(Number);
  if (parts === undefined || parts.join('.') !== text || parts.some((part) => part > 255)) return undefined;
  return Uint8Array.from(parts);
}

function parseV6(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted) {
    const tail = parseV4(dotted[2]!);
    if (tail === undefined) return undefined;
    const words = [(tail[0]! << 8) | tail[1]!, (tail[2]! << 8) | tail[3]!];
    return parseV6(dotted[1]! + words.map((word) => word.toString(16)).join(':'));
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const gap = 8 - head!.length - (tail?.length ?? 0);
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const groups = tail === undefined ? head! : [...head!, ...Array<string>(gap).fill('0'), ...tail];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/** RFC 5952: lower case, no leading zeros, the first longest run of zero groups as `::`. */
function v6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at]! << 8) | bytes[2 * at + 1]!);
  let best = { from: 0, length: 1 };
  for (let from = 0; from < 8; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return hex(groups);
  return `${hex(groups.slice(0, best.from))}::${hex(groups.slice(best.from + best.length))}`;
}

function parseName(text: string): Uint8Array | undefined {
  if (!uuidName.test(text)) return undefined;
  const hex = text.slice(0, 36).replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

function nameText(bytes: Uint8Array): string {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}.local`;
}
