// The default gateway of IPv6, as the system names it, and this computer's public addresses on its network. Promises: only a
// gateway with a link-local or private address, which no packet from elsewhere can come from.

import path from 'node:path';
import { addressBytes, addressText } from '../../shared/code/address.ts';
import { isLanAddress, isPublicV6 } from '../../shared/lan/lan-address.ts';
import { routerV6AddressesMax } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import { networkInterfaces } from '../lan/network-interfaces.ts';
import { type GatewayPlace, mappingPort, searchPort } from './gateway-place.ts';
import { runSystemProgram } from './system-program.ts';

/** `zone`: the interface, by its name or, on Windows, its number. */
export type GatewayV6 = { readonly address: string; readonly zone: string };

export async function defaultGatewayV6(
  platform: NodeJS.Platform,
  disk: Pick<Disk, 'readText'>,
): Promise<GatewayPlace | undefined> {
  const gateway = await readGateway(platform, disk).catch(() => undefined);
  if (gateway === undefined || !isLanAddress(6, gateway.address)) return undefined;
  const [ownAddress, ...otherAddresses] = publicAddressesOn(gateway.zone);
  if (ownAddress === undefined) return undefined;
  const isLinkLocal = gateway.address.startsWith('fe');
  const address = isLinkLocal ? `${gateway.address}%${gateway.zone}` : gateway.address;
  return { address, ownAddress, otherAddresses, mappingPort, searchPort };
}

async function readGateway(platform: NodeJS.Platform, disk: Pick<Disk, 'readText'>): Promise<GatewayV6 | undefined> {
  switch (platform) {
    case 'linux':
      return gatewayV6InLinuxTable(await disk.readText('/proc/net/ipv6_route'));
    case 'darwin':
      return gatewayV6InMacAnswer(await runSystemProgram('/sbin/route', ['-n', 'get', '-inet6', 'default']));
    case 'win32': {
      const program = path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'route.exe');
      return gatewayV6InWindowsTable(await runSystemProgram(program, ['print', '-6', '::/0']));
    }
    default:
      return undefined;
  }
}

/** Columns: destination, its length, source, its length, next hop, metric, uses, references, flags, interface. In hex. */
export function gatewayV6InLinuxTable(table: string): GatewayV6 | undefined {
  const nobody = '0'.repeat(32);
  const routes = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([to, length, , , hop]) => to === nobody && length === '00' && hop !== nobody)
    .sort((one, other) => Number.parseInt(one[5] ?? '', 16) - Number.parseInt(other[5] ?? '', 16));
  const [, , , , hop = '', , , , , zone = ''] = routes[0] ?? [];
  if (!/^[0-9a-f]{32}$/.test(hop) || !isZone(zone)) return undefined;
  const bytes = Uint8Array.from(hop.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  return { address: addressText(6, bytes), zone };
}

export function gatewayV6InMacAnswer(answer: string): GatewayV6 | undefined {
  const [, address = ''] = /^\s*gateway:\s*([0-9a-f:]+)(?:%\S+)?\s*$/m.exec(answer) ?? [];
  const [, zone = ''] = /^\s*interface:\s*(\S+)\s*$/m.exec(answer) ?? [];
  return gatewayOf(address, zone);
}

/** Columns: number of the interface, metric, destination, gateway. Its words are in the language of the system. */
export function gatewayV6InWindowsTable(table: string): GatewayV6 | undefined {
  const routes = [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+::\/0\s+([0-9a-f:]+)\s*$/gm)];
  const [, zone = '', , address = ''] = routes.sort((one, other) => Number(one[2]) - Number(other[2]))[0] ?? [];
  return gatewayOf(address, zone);
}

function gatewayOf(address: string, zone: string): GatewayV6 | undefined {
  const bytes = addressBytes(6, address);
  return bytes === undefined || !isZone(zone) ? undefined : { address: addressText(6, bytes), zone };
}

function isZone(zone: string): boolean {
  return /^[\w.:-]{1,32}$/.test(zone);
}

/** On Windows an interface is known by the number that its link-local address carries. */
function publicAddressesOn(zone: string): readonly string[] {
  const found = Object.entries(networkInterfaces()).find(
    ([name, addresses]) =>
      name === zone || addresses?.some(({ family, scopeid }) => family === 'IPv6' && String(scopeid) === zone),
  );
  const own = (found?.[1] ?? []).flatMap(({ family, address }) => {
    const bytes = family === 'IPv6' ? addressBytes(6, address) : undefined;
    return bytes === undefined ? [] : [addressText(6, bytes)];
  });
  return own.filter(isPublicV6).slice(0, routerV6AddressesMax);
}
