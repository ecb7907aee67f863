// Whose connection it is, read from the kernel's table: its spelling, its IPv6 half, and connections that were closed.

import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { findOwner, isOwnPeer } from '../../../browser/peer-user.ts';

const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, uid: number, inode = 4711) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000000000000000 20 4 0 10 -1`;
const socket = { localAddress: '127.0.0.1', localPort: 0x1f90, remoteAddress: '127.0.0.1', remotePort: 0xc001 };
const [near, far] = ['0100007F:1F90', '0100007F:C001'];

describe.runIf(endianness() === 'LE')('the owner of the far end', () => {
  it('is the one whose local address is our remote one', () => {
    expect(findOwner([header, row(near, far, 0), row(far, near, 1000), ''].join('\n'), socket)).toBe(1000);
  });

  it('is found among IPv6 sockets that speak IPv4', () => {
    const mapped = '0000000000000000FFFF0000';
    expect(findOwner([header, row(`${mapped}${far}`, `${mapped}${near}`, 1001)].join('\n'), socket)).toBe(1001);
  });

  it.each([
    ['our own end only', row(near, far, 1000)],
    ['a connection to another port', row(far, '0100007F:1F91', 1000)],
    ['a connection that its process has closed, which the table gives to root', row(far, near, 0, 0)],
    ['nothing', ''],
    ['what is no table', 'x\n\0\n1 2 3'],
  ])('is not in %s', (_what, line) => {
    expect(findOwner(`${header}\n${line}\n`, socket)).toBeUndefined();
  });
});

describe.runIf(process.platform === 'linux' && endianness() === 'LE')('a peer', () => {
  const own = process.getuid!();
  const ofTable = (text: string) => isOwnPeer(socket as Socket, async () => text);
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

  it('is ours where the table says so, and not where it names another account or nobody', async () => {
    expect(await ofTable(row(far, near, own))).toBe(true);
    expect(await ofTable(row(far, near, own + 4711))).toBe(false);
    expect(await ofTable(header)).toBe(false);
  });

  it.each([
    ['ENOENT', true],
    ['EACCES', true],
    ['EMFILE', false],
    ['ENFILE', false],
    ['EIO', false],
  ])('is judged where the table cannot be read for %s: %s', async (code, isOurs) => {
    expect(await isOwnPeer(socket as Socket, failing(code))).toBe(isOurs);
  });

  it('is found in one table where the other cannot be read', async () => {
    const first = async (table: string) => (table.endsWith('6') ? failing('EMFILE')() : row(far, near, own));
    expect(await isOwnPeer(socket as Socket, first)).toBe(true);
  });
});
