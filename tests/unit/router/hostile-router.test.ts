// A "router" that is up to no good, over real sockets: it names other hosts, sends without end, never answers, answers from
// elsewhere, and lies. What it can reach is that no port is opened.

import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askHttp } from '../../../host/router/gateway-http.ts';
import type { FindProtocol, GatewayPlace, RouterProtocol } from '../../../host/router/gateway-place.ts';
import { findNatPmp } from '../../../host/router/nat-pmp.ts';
import { findPcp } from '../../../host/router/pcp.ts';
import { openRouter } from '../../../host/router/router.ts';
import { findUpnp } from '../../../host/router/upnp.ts';
import { systemClock } from '../../../host/system-clock.ts';
import type { RouterView } from '../../../shared/model/router-view.ts';
import { gatewayHttpMs, igdDescriptionMaxBytes, routerAskMs, routerFindMs } from '../../../shared/wire/limits.ts';

const gateway = '127.0.0.1';
/** Also of this machine, and not the gateway. */
const elsewhere = '127.0.0.2';
const signal = new AbortController().signal;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const request = { protocol: 'udp', port: 50_000, wantedPort: 50_000, leaseSeconds: 300 } as const;
const control = '/ctl';
const serviceType = 'urn:schemas-upnp-org:service:WANIPConnection:1';
const description = (at: string) =>
  `<root><device><serviceList><service><serviceType>${serviceType}</serviceType><controlURL>${at}</controlURL></service></serviceList></device></root>`;
const envelope = (action: string, inner = '') =>
  `<s:Envelope xmlns:s="x"><s:Body><u:${action}Response xmlns:u="y">${inner}</u:${action}Response></s:Body></s:Envelope>`;

async function udp(address: string, port: number, hear: (bytes: Buffer, answer: (bytes: Uint8Array) => void) => void) {
  const socket: Socket = createSocket('udp4');
  closing.push(() => socket.close());
  socket.on('message', (bytes, from) => hear(bytes, (answer) => socket.send(answer, from.port, from.address)));
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

type Handler = Parameters<typeof createServer>[1] & object;

async function web(handler: Handler, address = gateway): Promise<number> {
  const server: Server = createServer(handler as never);
  closing.push(() => [server.closeAllConnections(), server.close()]);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return (server.address() as AddressInfo).port;
}

/** Answers the search with this location. */
async function searched(location: (port: number) => string, answersFrom = gateway): Promise<GatewayPlace> {
  const away = answersFrom === gateway ? undefined : await udp(answersFrom, 0, () => undefined);
  const socket = await udp(gateway, 0, () => undefined);
  socket.removeAllListeners('message');
  const { port } = socket.address();
  socket.on('message', (_bytes, from) => {
    const text = `HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: ${location(port)}\r\n\r\n`;
    (away ?? socket).send(text, from.port, from.address);
  });
  return { address: gateway, ownAddress: gateway, mappingPort: 1, searchPort: port };
}

/** A UPnP router that works, but for what a test makes of it. */
async function upnp(instead: Readonly<Record<string, string>> = {}, at: (port: number) => string = () => control) {
  const asked: string[] = [];
  const port = await web((incoming, response) => {
    const action =
      String(incoming.headers.soapaction ?? '')
        .split('#')[1]
        ?.replace('"', '') ?? 'describe';
    asked.push(action);
    const usual: Readonly<Record<string, string>> = {
      describe: description(at(port)),
      GetExternalIPAddress: envelope('GetExternalIPAddress', '<NewExternalIPAddress>11.22.33.1</NewExternalIPAddress>'),
    };
    response.end(instead[action] ?? usual[action] ?? envelope(action));
  });
  return { place: await searched(() => `http://${gateway}:${port}/root.xml`), asked };
}

/** As Tincan asks for a port, and closes it once nobody needs it. */
async function openAndShut(place: GatewayPlace, find: FindProtocol, view: RouterView): Promise<void> {
  const router = openRouter({
    clock: systemClock,
    isOn: () => true,
    findGateway: async () => place,
    onView: () => undefined,
    onMoved: () => undefined,
    protocols: [find],
  });
  closing.push(() => void router.close());
  expect(await router.open(request)).toBeUndefined();
  await expect.poll(() => router.view()).toEqual(view);
  await router.shut(request);
}

async function mapped(place: GatewayPlace) {
  const found = await findUpnp(place, systemClock, signal);
  return (found as RouterProtocol | undefined)?.map(request, signal);
}

describe('a router asked by UPnP', () => {
  it('that is honest opens the port', async () => {
    const { place, asked } = await upnp();
    expect(await mapped(place)).toMatchObject({ at: 'mapped', address: '11.22.33.1', port: 50_000 });
    expect(asked).toEqual(['describe', 'GetExternalIPAddress', 'AddPortMapping', 'GetExternalIPAddress']);
  });

  it('that names another host for its description or its control contacts nobody there', async () => {
    let heard = 0;
    const port = await web((_incoming, response) => {
      heard += 1;
      response.end(description(control));
    }, elsewhere);
    expect(await findUpnp(await searched(() => `http://${elsewhere}:${port}/`), systemClock, signal)).toBeUndefined();
    const { place, asked } = await upnp({}, () => `http://${elsewhere}:${port}/ctl`);
    expect(await findUpnp(place, systemClock, signal)).toBeUndefined();
    expect(asked).toEqual(['describe']);
    expect(heard).toBe(0);
  });

  it('is not spoken for by another computer of the network', async () => {
    const port = await web((_incoming, response) => response.end(description(control)));
    const place = await searched(() => `http://${gateway}:${port}/`, elsewhere);
    expect(await findUpnp(place, systemClock, signal)).toBeUndefined();
  });

  it('that sends it elsewhere is not followed', async () => {
    let heard = 0;
    const away = await web((_incoming, response) => {
      heard += 1;
      response.end(description(control));
    }, elsewhere);
    const port = await web((_incoming, response) => {
      response.writeHead(302, { location: `http://${elsewhere}:${away}/` }).end();
    });
    const place = await searched(() => `http://${gateway}:${port}/`);
    expect(await findUpnp(place, systemClock, signal)).toBeUndefined();
    expect(heard).toBe(0);
  });

  it('that sends 100 MB is cut off at the bound', async () => {
    let sent = 0;
    const port = await web((_incoming, response) => {
      const chunk = Buffer.alloc(64 * 1024, '<a>');
      const pump = () => {
        while (sent < 100_000_000 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
        response.end();
      };
      pump();
    });
    const place = { address: gateway, ownAddress: gateway, mappingPort: 1, searchPort: 1 };
    const answer = await askHttp(
      { place, url: { port, path: '/' }, maxBytes: igdDescriptionMaxBytes },
      systemClock,
      signal,
    );
    expect(answer).toBeUndefined();
    expect(sent).toBeLessThan(20_000_000);
  });

  it('that never answers, or a byte at a time, costs the deadline and no more', async () => {
    const silent = await web(() => undefined);
    const slow = await web((_incoming, response) => {
      const timer = setInterval(() => response.write('<'), 50);
      response.once('close', () => clearInterval(timer));
    });
    const place = { address: gateway, ownAddress: gateway, mappingPort: 1, searchPort: 1 };
    const beganMs = performance.now();
    const answers = await Promise.all(
      [silent, slow].map((port) => askHttp({ place, url: { port, path: '/' }, maxBytes: 1_000 }, systemClock, signal)),
    );
    expect(answers).toEqual([undefined, undefined]);
    expect(performance.now() - beganMs).toBeLessThan(gatewayHttpMs + 1_500);
  });

  it.each([
    [
      'an entity of its own',
      { describe: `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${description(control)}` },
    ],
    ['no XML', { describe: 'hello' }],
    ['XML of another action', { GetExternalIPAddress: envelope('GetStatusInfo') }],
  ] as const)('that answers with %s is not used', async (_, instead) => {
    const { place } = await upnp(instead);
    expect(await findUpnp(place, systemClock, signal)).toBeUndefined();
  });

  it.each([
    [
      'an address that is a name',
      {
        GetExternalIPAddress: envelope(
          'GetExternalIPAddress',
          '<NewExternalIPAddress>evil.example</NewExternalIPAddress>',
        ),
      },
    ],
    ['no address', { GetExternalIPAddress: envelope('GetExternalIPAddress') }],
    [
      'an address of nobody',
      {
        GetExternalIPAddress: envelope('GetExternalIPAddress', '<NewExternalIPAddress>0.0.0.0</NewExternalIPAddress>'),
      },
    ],
  ] as const)('that answers with %s has no address', async (_, instead) => {
    const { place } = await upnp(instead);
    expect(await findUpnp(place, systemClock, signal)).toBe('no-address');
  });

  it('that opens ports only without an end opens none', async () => {
    const fault = '<e><errorCode>725</errorCode></e>';
    const { place, asked } = await upnp({ AddPortMapping: fault });
    expect(await mapped(place)).toEqual({ at: 'refused' });
    expect(asked.filter((action) => action === 'AddPortMapping').length).toBe(1);
  });

  it('that says each port is taken is asked a few times', async () => {
    const { place, asked } = await upnp({ AddPortMapping: '<e><errorCode>718</errorCode></e>' });
    expect(await mapped(place)).toEqual({ at: 'refused' });
    expect(asked.filter((action) => action === 'AddPortMapping').length).toBe(4);
  });
});

describe('a port that was given up', () => {
  const taken = '<e><errorCode>718</errorCode></e>';
  const entry = (client: string, port: number) =>
    envelope(
      'GetSpecificPortMappingEntry',
      `<NewInternalPort>${port}</NewInternalPort><NewInternalClient>${client}</NewInternalClient>`,
    );
  const isClosed = async (instead: Readonly<Record<string, string>>) => {
    const { place, asked } = await upnp(instead);
    const found = (await findUpnp(place, systemClock, signal)) as RouterProtocol;
    await found.map(request, signal);
    await found.unmap(request, signal);
    return asked.includes('DeletePortMapping');
  };

  it('is closed where the router said that it is open', async () => {
    expect(await isClosed({})).toBe(true);
  });

  it.each([
    ['each that was tried is taken', taken, entry('192.168.1.9', request.port)],
    ['each is taken by another port of this computer', taken, entry(gateway, request.port + 1)],
    ['the router did not answer, and has it for somebody else', '', entry('192.168.1.9', request.port)],
    ['the router did not answer, and has no such port', '', '<e><errorCode>714</errorCode></e>'],
    ['the router answers nothing any more', '', ''],
  ])('is not closed where %s: it may be of another computer', async (_, added, found) => {
    expect(await isClosed({ AddPortMapping: added, GetSpecificPortMappingEntry: found })).toBe(false);
  });

  it('is closed where the router did not answer, and opened it', async () => {
    expect(await isClosed({ AddPortMapping: '', GetSpecificPortMappingEntry: entry(gateway, request.port) })).toBe(
      true,
    );
  });
});

describe('a port that is not wanted any more', () => {
  it('is closed where the router opened it by UPnP, and then did not say at which address', async () => {
    const instead: Record<string, string> = {};
    const { place, asked } = await upnp(instead);
    const find: FindProtocol = async (...given) => {
      const found = await findUpnp(...given);
      Object.assign(instead, { GetExternalIPAddress: '' });
      return found;
    };
    await openAndShut(place, find, { at: 'none' });
    expect(asked.slice(2)).toEqual(['AddPortMapping', 'GetExternalIPAddress', 'DeletePortMapping']);
  });

  it('is closed where the router opened it by NAT-PMP, and has no address any more', async () => {
    const leases: number[] = [];
    const socket = await udp(gateway, 0, (bytes, answer) => {
      const isLost = leases.length > 0;
      if (bytes.length === 2) return answer(Uint8Array.from([0, 128, 0, isLost ? 3 : 0, 0, 0, 0, 9, 11, 22, 33, 1]));
      leases.push(bytes.readUInt32BE(8));
      return answer(Uint8Array.from([0, 129, 0, 0, 0, 0, 0, 9, 0xc3, 0x50, 0xc3, 0x50, 0, 0, 1, 0x2c]));
    });
    const place = { address: gateway, ownAddress: gateway, mappingPort: socket.address().port, searchPort: 1 };
    await openAndShut(place, findNatPmp, { at: 'no-address' });
    // A question may be asked twice.
    expect([...new Set(leases)]).toEqual([request.leaseSeconds, 0]);
  });
});

describe('a router asked by PCP or NAT-PMP', () => {
  const placeAt = (mappingPort: number): GatewayPlace => ({
    address: gateway,
    ownAddress: gateway,
    mappingPort,
    searchPort: 1,
  });

  it('that is not there, or silent, is given up in time', async () => {
    const silent = await udp(gateway, 0, () => undefined);
    const beganMs = performance.now();
    const places = [placeAt(silent.address().port), placeAt(1)];
    const found = await Promise.all(
      places.flatMap((place) => [findPcp(place, systemClock, signal), findNatPmp(place, systemClock, signal)]),
    );
    expect(found).toEqual([undefined, undefined, undefined, undefined]);
    expect(performance.now() - beganMs).toBeLessThan(routerAskMs + 1_500);
    expect(routerAskMs).toBeLessThanOrEqual(routerFindMs);
  });

  it('is not spoken for by somebody else', async () => {
    const liar = createSocket('udp4');
    closing.push(() => liar.close());
    await new Promise<void>((resolve) => liar.bind(0, elsewhere, resolve));
    const answer = Uint8Array.from([0, 128, 0, 0, 0, 0, 0, 9, 11, 22, 33, 1]);
    const socket = await udp(gateway, 0, () => undefined);
    socket.removeAllListeners('message');
    socket.on('message', (_bytes, from) => liar.send(answer, from.port, from.address));
    expect(await findNatPmp(placeAt(socket.address().port), systemClock, signal)).toBeUndefined();
  });

  it('that maps another port of this computer, or sends noise, is not believed', async () => {
    const socket = await udp(gateway, 0, (bytes, answer) => {
      if (bytes.length === 2) return answer(Uint8Array.from([0, 128, 0, 0, 0, 0, 0, 9, 11, 22, 33, 1]));
      answer(new Uint8Array(1_400).fill(0xff));
      // Port 22 of this computer in the place of 50000.
      return answer(Uint8Array.from([0, 129, 0, 0, 0, 0, 0, 9, 0, 22, 0xc3, 0x50, 0, 0, 1, 0x2c]));
    });
    const found = (await findNatPmp(placeAt(socket.address().port), systemClock, signal)) as RouterProtocol;
    expect(await found.map(request, signal)).toEqual({ at: 'silent' });
  });
});
