// Which account is at the other end of a loopback connection. Linux tells it in its table of sockets; other systems tell it
// to nobody without privileges. Promises: a peer whose account is told and is another one is never taken for ours.

import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];
const root = 0;

/** True for this account and for root, who needs no socket to read this process; true also where the system does not tell. */
export async function isOwnPeer(
  socket: Socket,
  readTable = (table: string) => readFile(table, 'latin1'),
): Promise<boolean> {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return true;
  const [v4, v6] = await Promise.all(tables.map((table) => readTable(table).catch((error: Error) => error)));
  // Any other failure, such as too many open files, may be the work of whoever wants to be let in. No table of IPv6 sockets
  // only means that there is no IPv6.
  if (isHidden(v4)) return true;
  const uid = [v4, v6]
    .map((text) => (typeof text === 'string' ? findOwner(text, socket) : undefined))
    .find((found) => found !== undefined);
  return uid === own || uid === root;
}

/** This system shows the table to nobody, or not to us. */
function isHidden(read: unknown): boolean {
  return read instanceof Error && 'code' in read && (read.code === 'ENOENT' || read.code === 'EACCES');
}

/**
 * The owner of the far end: its local address is our remote one. Nothing where it is not there any more; a connection that its
 * process has closed belongs to root by the table, and its inode is 0, so it is not there either.
 */
export function findOwner(
  table: string,
  { localAddress, localPort, remoteAddress, remotePort }: Pick<Socket, `${'local' | 'remote'}${'Address' | 'Port'}`>,
): number | undefined {
  const far = hexAddress(remoteAddress, remotePort);
  const near = hexAddress(localAddress, localPort);
  if (far === undefined || near === undefined) return undefined;
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , uid, , inode] = line.trim().split(/\s+/);
    if (inode === '0' || !isSameEnd(local, far) || !isSameEnd(remote, near)) continue;
    return Number(uid);
  }
  return undefined;
}

/** A socket of the IPv6 table shows an IPv4 address with a prefix. */
function isSameEnd(shown: string | undefined, end: string): boolean {
  return shown === end || shown === `0000000000000000${wordHex([0, 0, 0xff, 0xff])}${end}`;
}

/** As the table spells it: the address as a number of this processor, the port as people write it, both in hex. */
function hexAddress(address: string | undefined, port: number | undefined): string | undefined {
  const bytes = address?.split('.').map(Number);
  if (bytes?.length !== 4 || port === undefined) return undefined;
  return `${wordHex(bytes)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function wordHex(bytes: readonly number[]): string {
  const shown = endianness() === 'LE' ? bytes.toReversed() : bytes;
  return shown.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}
