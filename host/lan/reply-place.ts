// Where the maker of an invite waits for its reply: at addresses that stand in it, and at a local socket for another Tincan on the same
// computer. Promises: only somebody who has the whole invite can tell the name of that socket; no address or port in a code leads there.

import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LanAddress } from '../../shared/lan/lan-address.ts';
import { derive } from '../../shared/lan/sealed.ts';
import { toHex } from '../../shared/model/bytes.ts';

export type LocalPlace = { readonly path: string };
export type ReplyPlace = LanAddress | LocalPlace;

/** As Node's sockets want it. */
export function socketAt(place: ReplyPlace): LocalPlace | { readonly host: string; readonly port: number } {
  return isLocal(place) ? place : { host: place.address, port: place.port };
}

export function isLocal(place: ReplyPlace): place is LocalPlace {
  return 'path' in place;
}

export async function localPlace(
  inviteSecret: Uint8Array,
  platform: NodeJS.Platform = process.platform,
): Promise<LocalPlace> {
  const at = { salt: new Uint8Array(), label: 'tincan/same-computer/1' };
  const name = `tincan-${toHex(await derive(inviteSecret, at, 16))}`;
  if (platform === 'win32') return { path: `\\\\.\\pipe\\${name}` };
  // A name that begins with NUL is no file: nothing stays behind when the process is killed.
  if (platform === 'linux') return { path: `\0${name}` };
  return { path: path.join(tmpdir(), `${name}.socket`) };
}
