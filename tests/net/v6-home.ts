// A home with addresses of IPv6 and none of IPv4, whose router translates nothing and lets in nobody who was not talked to.

import { inside, ip, nft } from './namespace-commands.ts';
import type { Side } from './namespaces.ts';

type Place = { readonly tag: string; readonly side: Side; readonly hasMiniupnpd: boolean };

const nets: Readonly<Record<Side, string>> = { a: '2a0a:1:0:a', b: '2a0a:1:0:b' };
const streetNet = '2a0a:1:0:0';
const doors: Readonly<Record<Side, string>> = { a: `${streetNet}::a`, b: `${streetNet}::b` };

/** Of the machine at home: the same on the street. */
export function addressV6(side: Side): string {
  return side === 'a' ? '2a0a:1:0:a::2' : '2a0a:1:0:b::2';
}

export const gatewayV6 = 'fe80::1';

/** Joins the namespaces of a home and its router to the street. `lan`: for miniupnpd, which wants one of IPv4 there. */
export function openV6Home({ tag, side, hasMiniupnpd }: Place, lan: string): void {
  const [home, router, street] = [`${tag}${side}`, `${tag}r${side}`, `${tag}p`];
  const other = side === 'a' ? 'b' : 'a';
  ip('link', 'add', 'wan', 'netns', router, 'type', 'veth', 'peer', 'name', `door${side}`, 'netns', street);
  ip('-n', street, 'link', 'set', `door${side}`, 'master', 'street', 'up');
  ip('link', 'add', 'lan', 'netns', router, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', home);
  ip('-n', router, 'addr', 'add', `${lan}.1/24`, 'dev', 'lan');
  // One link-local address each, as most routers have: an answer comes from the one that was asked.
  ip('-n', router, 'link', 'set', 'lan', 'addrgenmode', 'none');
  ip('-n', home, 'link', 'set', 'eth0', 'addrgenmode', 'none');
  // Nobody else has these addresses: no need to wait until that is certain.
  ip('-n', router, 'addr', 'add', `${doors[side]}/64`, 'dev', 'wan', 'nodad');
  ip('-n', router, 'addr', 'add', `${nets[side]}::1/64`, 'dev', 'lan', 'nodad');
  ip('-n', router, 'addr', 'add', `${gatewayV6}/64`, 'dev', 'lan', 'nodad');
  ip('-n', home, 'addr', 'add', `${addressV6(side)}/64`, 'dev', 'eth0', 'nodad');
  ip('-n', home, 'addr', 'add', 'fe80::2/64', 'dev', 'eth0', 'nodad');
  for (const device of ['wan', 'lan']) ip('-n', router, 'link', 'set', device, 'up');
  ip('-n', home, 'link', 'set', 'eth0', 'up');
  ip('-n', home, 'route', 'add', 'default', 'via', gatewayV6, 'dev', 'eth0');
  ip('-n', router, 'route', 'add', `${nets[other]}::/64`, 'via', doors[other], 'dev', 'wan');
  inside(router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
  nft(
    router,
    `table inet router {
      counter tcp_bytes { }
      chain measure { type filter hook forward priority -10; meta l4proto tcp counter name tcp_bytes; }
      ${hasMiniupnpd ? '' : `chain through { type filter hook forward priority 0; policy accept; ${firewallV6} }`}
    }`,
  );
}

/** An accept counts only within its own chain: where miniupnpd makes pinholes this stands behind them. */
export const firewallV6 = `
  meta nfproto ipv6 ct state established,related accept
  meta nfproto ipv6 iifname "wan" drop
`;
