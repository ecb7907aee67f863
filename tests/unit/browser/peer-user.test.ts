// Whose connection it is, read from the kernel's table: its spelling, its IPv6 half, and connections that were closed.

import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { findOwner } from '../../../browser/peer-user.ts';

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
