// Finds where the gateway describes itself for UPnP. Asks it directly; only where it does not answer to that, by multicast on its
// network. Promises: an answer counts only from the gateway's address, and only if it leads back to the gateway.

import type { Clock } from '../../shared/model/clock.ts';
import { routerFindMs, ssdpAnswerMaxBytes, ssdpDirectAtMs, ssdpMulticastAtMs } from '../../shared/wire/limits.ts';
import type { GatewayPlace } from './gateway-place.ts';
import { type GatewayUrl, gatewayUrl, gatewayUrlV6 } from './igd-description.ts';
import { overDatagrams } from './over-datagrams.ts';

const group = '239.255.255.250';
const kindOf = (version: 1 | 2) => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`;
const kinds = [kindOf(1), kindOf(2)];

export function findDescription(
  place: GatewayPlace,
  clock: Clock,
  signal: AbortSignal,
): Promise<GatewayUrl | undefined> {
  return overDatagrams<GatewayUrl>('udp4', { clock, ms: routerFindMs, signal }, ({ socket, end, at, isOver }) => {
    socket.on('message', (bytes, from) => {
      if (from.address !== place.address || bytes.length > ssdpAnswerMaxBytes) return;
      const url = readSearchAnswer(bytes.toString('latin1'), place.address);
      if (url !== undefined) end(url);
    });
    // By multicast it leaves by the network of this address.
    socket.bind(0, place.ownAddress, () => {
      if (isOver()) return;
      socket.setMulticastTTL(1);
      const ask = (to: string) => {
        for (const kind of kinds) {
          socket.send(searchFor(kind, place.searchPort), place.searchPort, to, () => undefined);
        }
      };
      for (const atMs of ssdpDirectAtMs) at(atMs, () => ask(place.address));
      for (const atMs of ssdpMulticastAtMs) at(atMs, () => ask(group));
    });
  });
}

export function readSearchAnswer(text: string, gateway: string): GatewayUrl | undefined {
  const location = locationIn(text, kinds);
  return location === undefined ? undefined : gatewayUrl(location, gateway);
}

/** Only version 2 knows pinholes. */
export function searchV6(port: number): Uint8Array {
  return new TextEncoder().encode(searchFor(kindOf(2), port, '[FF02::C]'));
}

export function readSearchAnswerV6(text: string): GatewayUrl | undefined {
  const location = locationIn(text, [kindOf(2)]);
  return location === undefined ? undefined : gatewayUrlV6(location);
}

function locationIn(text: string, wanted: readonly string[]): string | undefined {
  const [status = '', ...lines] = text.split('\r\n');
  if (!/^HTTP\/1\.[01] 200\b/.test(status)) return undefined;
  const headers = new Map(lines.flatMap((line) => (headerOf(line) === undefined ? [] : [headerOf(line)!])));
  return wanted.includes(headers.get('st') ?? '') ? headers.get('location') : undefined;
}

function headerOf(line: string): readonly [string, string] | undefined {
  const colon = line.indexOf(':');
  return colon < 1 ? undefined : [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

function searchFor(kind: string, port: number, host = group): string {
  return ['M-SEARCH * HTTP/1.1', `HOST: ${host}:${port}`, 'MAN: "ssdp:discover"', 'MX: 1', `ST: ${kind}`, '', ''].join(
    '\r\n',
  );
}
