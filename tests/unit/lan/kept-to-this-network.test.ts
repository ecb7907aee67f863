// A person who chooses "Same network" in the moment in which somebody begins to wait at a public address of this computer. Not every machine
// that runs tests has such an address, so here one is named.

import { afterEach, expect, it, vi } from 'vitest';
import { openReplyDelivery } from '../../../host/lan/reply-delivery.ts';
import { encodeCode } from '../../../shared/code/code-text.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';
import { inviteOf } from './lan-codes.ts';

const own = { private: '192.168.231.9', public: '2a00::9' };

vi.mock('../../../host/lan/network-interfaces.ts', () => ({
  networkInterfaces: () => ({
    lan: [
      { address: '192.168.231.9', netmask: '255.255.255.0', family: 'IPv4' },
      { address: '2a00::9', netmask: 'ffff:ffff:ffff:ffff::', family: 'IPv6' },
    ],
  }),
}));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

it('is waited for at no public address any more once that is chosen, however early', async () => {
  const open = new Set<string>();
  let isAnywhere = true;
  const delivery = openReplyDelivery({
    isOn: () => true,
    onReply: () => undefined,
    mayLeave() {
      const mayLeave = isAnywhere;
      // What comes after the next thing that is waited for finds it changed.
      queueMicrotask(() => {
        isAnywhere = false;
      });
      return mayLeave;
    },
    outside: {
      open: (port, address = '') => open.add(`${port} ${address}`),
      shut: (port, address = '') => open.delete(`${port} ${address}`),
    },
  });
  closing.push(() => delivery.close());
  const candidates: Candidate[] = [
    { kind: 'host', family: 4, address: own.private, port: 50_123 },
    { kind: 'host', family: 6, address: own.public, port: 50_124 },
  ];
  await delivery.setInvites([encodeCode(inviteOf(candidates))]);
  await delivery.refresh();
  expect([...open]).toEqual(['50123 ']);
});
