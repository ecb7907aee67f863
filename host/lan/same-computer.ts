// Where a Tincan waits for the reply to its invite for another one on the same computer. Promises: only somebody who has the whole invite
// can tell the place; no address or port in a code leads there.

import { tmpdir } from 'node:os';
import path from 'node:path';
import { derive } from '../../shared/lan/sealed.ts';
import { toHex } from '../../shared/model/bytes.ts';

export type LocalPlace = { readonly path: string };

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
