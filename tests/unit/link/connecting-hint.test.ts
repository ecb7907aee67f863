// The likeliest reason for a slow link, from the kinds of candidates alone.

import { describe, expect, it } from 'vitest';
import { likelyHint } from '../../../link/connecting-hint.ts';
import type { Candidate } from '../../../shared/code/link-code.ts';

const host = (address: string): Candidate => ({ kind: 'host', family: 4, address, port: 50_000 });
const host6 = (address: string): Candidate => ({ kind: 'host', family: 6, address, port: 50_000 });
const hidden: Candidate = { kind: 'host', family: 'mdns', address: `${'a'.repeat(8)}.local`, port: 50_000 };
const srflx = (address: string, port = 50_000): Candidate => ({ kind: 'srflx', family: 4, address, port });
/** What a code carries that was made where every partner sees another port. */
const strict = (address: string) => [srflx(address, 50_000), srflx(address, 50_001)];
const relay = (address: string): Candidate => ({ kind: 'relay', family: 4, address, port: 50_000 });

describe('the hint', () => {
  it('while only the router is asked is STUN where it opened nothing, and the other side where it did', () => {
    const facts = { theirs: [host('10.0.0.3')], serversOn: false, routerOnly: true, wasUp: false };
    expect(likelyHint({ ...facts, ours: [host('192.168.1.2')] })).toBe('needs-stun');
    expect(likelyHint({ ...facts, ours: [host('192.168.1.2'), srflx('5.5.5.5')] })).toBe('their-switch');
  });

  it.each([
    ['two browsers that hide their addresses', [hidden], [hidden, srflx('5.5.5.5')], false, 'hidden'],
    ['one browser that hides its addresses', [hidden], [host('192.168.1.3')], false, 'needs-internet-switch'],
    ['a firewall between neighbours', [host('192.168.1.2')], [host('192.168.1.3')], false, 'firewall'],
    ['a firewall in one IPv6 network', [host6('2001:db8::1')], [host6('2001:db8::2:0:0:5')], false, 'firewall'],
    [
      'two IPv6 networks that are written alike',
      [host6('2001:db8::1:2:3:4:5')],
      [host6('2001:db8::1:2')],
      false,
      'needs-internet-switch',
    ],
    ['guests kept apart', [host('10.0.0.2'), srflx('5.5.5.5')], [host('10.0.0.3'), srflx('5.5.5.5')], true, 'isolated'],
    ['other networks, servers off', [host('192.168.1.2')], [host('10.0.0.3')], false, 'needs-internet-switch'],
    ['other networks, servers silent', [host('192.168.1.2')], [host('10.0.0.3')], true, 'other-network'],
    [
      'two hard routers',
      [host('192.168.1.2'), srflx('5.5.5.5')],
      [host('10.0.0.3'), srflx('6.6.6.6')],
      true,
      'needs-relay',
    ],
    [
      'two routers that give every partner another port',
      [host('192.168.1.2'), ...strict('5.5.5.5')],
      [host('10.0.0.3'), ...strict('6.6.6.6')],
      true,
      'both-strict',
    ],
    [
      'one router that gives every partner another port',
      [host('192.168.1.2'), ...strict('5.5.5.5')],
      [host('10.0.0.3'), srflx('6.6.6.6')],
      true,
      'needs-relay',
    ],
    [
      'two such routers, and a relay',
      [host('192.168.1.2'), ...strict('5.5.5.5'), relay('7.7.7.7')],
      [host('10.0.0.3'), ...strict('6.6.6.6')],
      true,
      'needs-relay',
    ],
    [
      'that only their code stays at home',
      [host('192.168.1.2'), srflx('5.5.5.5')],
      [host('10.0.0.3')],
      true,
      'their-switch',
    ],
    [
      'that only ours stays at home',
      [host('192.168.1.2')],
      [host('10.0.0.3'), srflx('6.6.6.6')],
      true,
      'other-network',
    ],
    ['relays that are not reached', [relay('7.7.7.7')], [relay('8.8.8.8')], true, 'firewall'],
  ] as const)('says %s', (_, ours, theirs, serversOn, hint) => {
    expect(likelyHint({ ours, theirs, serversOn, wasUp: false })).toBe(hint);
  });

  it('suspects no network that has carried a link to them', () => {
    const facts = { ours: [host('192.168.1.2')], theirs: [host('192.168.1.3')], serversOn: false, wasUp: true };
    expect(likelyHint(facts)).toBe('they-left');
  });
});
