// Pinholes by UPnP-IGD 2 over real sockets: what an honest router does, and that one that is up to no good reaches nothing.

import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayPlace, RouterProtocol } from '../../../host/router/gateway-place.ts';
import { findPinholes } from '../../../host/router/pinholes.ts';
import { systemClock } from '../../../host/system-clock.ts';

const gateway = '::1';
const signal = new AbortController().signal;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const request = { protocol: 'udp', port: 50_000, wantedPort: 50_000, leaseSeconds: 300, address: gateway } as const;
const kind = 'urn:schemas-upnp-org:device:InternetGatewayDevice:2';
const serviceType = 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1';
const description = (control: string) =>
  `<root><service><serviceType>${serviceType}</serviceType><controlURL>${control}</controlURL></service></root>`;
const envelope = (action: string, inner = '') =>
  `<s:Envelope xmlns:s="x"><s:Body><u:${action}Response xmlns:u="y">${inner}</u:${action}Response></s:Body></s:Envelope>`;
const fault = (code: number) => `<e><errorCode>${code}</errorCode></e>`;

type Answers = Readonly<Record<string, string | (() => string)>>;
type Urls = { readonly location?: (port: number) => string; readonly control?: string; readonly kind?: string };

/** A router that works, but for what a test makes of it. */
async function openGateway(instead: Answers = {}, urls: Urls = {}) {
  const asked: string[] = [];
  const server = createServer((incoming, response) => void answer(incoming, response));
  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const action =
      String(incoming.headers.soapaction ?? '')
        .split('#')[1]
        ?.replace('"', '') ?? `describe ${incoming.url}`;
    const body = (await incoming.setEncoding('utf8').toArray()).join('');
    const values = [...body.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => `${name}=${value}`);
    asked.push([action, ...values].join(' '));
    const usual: Answers = {
      'describe /root.xml': description(urls.control ?? '/ctl'),
      GetFirewallStatus: envelope('GetFirewallStatus', '<InboundPinholeAllowed>1</InboundPinholeAllowed>'),
      AddPinhole: envelope('AddPinhole', '<UniqueID>7</UniqueID>'),
    };
    const text = instead[action] ?? usual[action] ?? envelope(action);
    response.end(typeof text === 'string' ? text : text());
  }
  closing.push(() => [server.closeAllConnections(), server.close()]);
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve));
  const { port } = server.address() as AddressInfo;
  const socket = createSocket('udp6');
  closing.push(() => socket.close());
  socket.on('message', (_bytes, from) => {
    const location = (urls.location ?? ((at: number) => `http://[2a00::1]:${at}/root.xml`))(port);
    const text = `HTTP/1.1 200 OK\r\nST: ${urls.kind ?? kind}\r\nLOCATION: ${location}\r\n\r\n`;
    socket.send(text, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, gateway, resolve));
  const place: GatewayPlace = {
    address: gateway,
    ownAddress: gateway,
    mappingPort: 1,
    searchPort: socket.address().port,
  };
  return { asked, place };
}

const find = (place: GatewayPlace) => findPinholes(place, systemClock, signal);

describe('pinholes', () => {
  it('are made, renewed and ended under the number that the router gave', async () => {
    const { asked, place } = await openGateway();
    const found = (await find(place)) as RouterProtocol;
    const mapped = { at: 'mapped', address: gateway, port: 50_000, leaseSeconds: 300 };
    expect(await found.map(request, signal)).toEqual(mapped);
    expect(await found.map(request, signal)).toEqual(mapped);
    await found.unmap(request, signal);
    await found.unmap(request, signal);
    expect(asked).toEqual([
      'describe /root.xml',
      'GetFirewallStatus',
      'AddPinhole RemoteHost= RemotePort=0 InternalClient=::1 InternalPort=50000 Protocol=17 LeaseTime=300',
      'UpdatePinhole UniqueID=7 NewLeaseTime=300',
      'DeletePinhole UniqueID=7',
    ]);
  });

  it('are made anew where the router has forgotten them', async () => {
    const { asked, place } = await openGateway({ UpdatePinhole: fault(704) });
    const found = (await find(place)) as RouterProtocol;
    await found.map(request, signal);
    expect(await found.map(request, signal)).toMatchObject({ at: 'mapped' });
    expect(asked.slice(2).map((line) => line.split(' ')[0])).toEqual(['AddPinhole', 'UpdatePinhole', 'AddPinhole']);
  });

  it('are not ended under a number that the router does not know any more: it may be of another computer by now', async () => {
    const instead: Record<string, string> = {};
    const { asked, place } = await openGateway(instead);
    const found = (await find(place)) as RouterProtocol;
    await found.map(request, signal);
    Object.assign(instead, { UpdatePinhole: fault(704), AddPinhole: fault(606) });
    expect(await found.map(request, signal)).toEqual({ at: 'refused' });
    await found.unmap(request, signal);
    expect(asked.filter((line) => line.startsWith('DeletePinhole'))).toEqual([]);
  });

  it.each([
    ['refuses', { AddPinhole: fault(606) }],
    ['gives no number', { AddPinhole: envelope('AddPinhole') }],
    ['gives words for a number', { AddPinhole: envelope('AddPinhole', '<UniqueID>../1</UniqueID>') }],
  ] as const)('are not there where the router %s', async (_, instead) => {
    const found = (await find((await openGateway(instead)).place)) as RouterProtocol;
    expect(await found.map(request, signal)).toEqual({ at: 'refused' });
  });

  it('are refused where the person turned them off', async () => {
    const status = envelope('GetFirewallStatus', '<InboundPinholeAllowed>0</InboundPinholeAllowed>');
    expect(await find((await openGateway({ GetFirewallStatus: status })).place)).toBe('refused');
  });

  it('are not asked for at a router that describes itself elsewhere or knows version 1, which is sent nothing', async () => {
    const all: readonly Urls[] = [
      { location: (port) => `http://evil.example:${port}/root.xml` },
      { location: (port) => `http://11.22.33.9:${port}/root.xml` },
      { location: (port) => `https://[2a00::1]:${port}/root.xml` },
      { location: (port) => `http://a:b@[2a00::1]:${port}/root.xml` },
      { kind: kind.replace(':2', ':1') },
    ];
    const routers = await Promise.all(all.map((urls) => openGateway({}, urls)));
    expect(await Promise.all(routers.map(({ place }) => find(place)))).toEqual(all.map(() => undefined));
    expect(routers.flatMap(({ asked }) => asked)).toEqual([]);
  });

  it.each([['http://evil.example/ctl'], ['http://11.22.33.9/ctl'], ['ftp://[2a00::1]/ctl']])(
    'are not asked for at a control address elsewhere: %s',
    async (control) => {
      const { asked, place } = await openGateway({}, { control });
      expect(await find(place)).toBeUndefined();
      expect(asked).toEqual(['describe /root.xml']);
    },
  );

  it('are asked for at the gateway, whatever address of IPv6 it names', async () => {
    // Nobody is at that address: what is answered comes from the gateway.
    const { asked, place } = await openGateway({}, { control: '/other/ctl' });
    expect(await find(place)).toMatchObject({ by: 'upnp' });
    expect(asked.length).toBe(2);
  });

  it('are not asked for where the answer is no XML, or another action', async () => {
    expect(await find((await openGateway({ 'describe /root.xml': 'hello' })).place)).toBeUndefined();
    expect(await find((await openGateway({ GetFirewallStatus: envelope('AddPinhole') })).place)).toBeUndefined();
  });
});
