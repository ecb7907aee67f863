// The default gateway of IPv4 of this computer, as the system names it. Promises: only one with a private address: what stands there
// otherwise is a provider's, and not the person's own router.

import { createSocket } from 'node:dgram';
import path from 'node:path';
import { addressText } from '../../shared/code/address.ts';
import { isLanAddress } from '../../shared/lan/lan-address.ts';
import type { Disk } from '../disk/disk.ts';
import { type GatewayPlace, mappingPort, searchPort } from './gateway-place.ts';
import { runSystemProgram } from './system-program.ts';

export async function defaultGateway(
  platform: NodeJS.Platform,
  disk: Pick<Disk, 'readText'>,
): Promise<GatewayPlace | undefined> {
  const address = await readGateway(platform, disk).catch(() => undefined);
  if (address === undefined || !isLanAddress(4, address)) return undefined;
  const ownAddress = await addressTowards(address);
  return ownAddress === undefined ? undefined : { address, ownAddress, mappingPort, searchPort };
}

async function readGateway(platform: NodeJS.Platform, disk: Pick<Disk, 'readText'>): Promise<string | undefined> {
  switch (platform) {
    case 'linux':
      return gatewayInLinuxTable(await disk.readText('/proc/net/route'));
    case 'darwin':
      return gatewayInMacAnswer(await runSystemProgram('/sbin/route', ['-n', 'get', 'default']));
    case 'win32': {
      const program = path.win32.join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'route.exe');
      return gatewayInWindowsTable(await runSystemProgram(program, ['print', '-4', '0.0.0.0']));
    }
    default:
      return undefined;
  }
}

/** Columns: interface, destination, gateway, flags, …, metric (the seventh), mask; addresses in hex, the last byte first. */
export function gatewayInLinuxTable(table: string): string | undefined {
  const routes = table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((one, other) => Number(one[6]) - Number(other[6]));
  const gateway = routes[0]?.[2] ?? '';
  if (!/^[0-9A-Fa-f]{8}$/.test(gateway) || /^0+$/.test(gateway)) return undefined;
  return addressText(
    4,
    Uint8Array.from(gateway.match(/../g)!.reverse(), (byte) => Number.parseInt(byte, 16)),
  );
}

export function gatewayInMacAnswer(answer: string): string | undefined {
  return /^\s*gateway:\s*(\d+\.\d+\.\d+\.\d+)\s*$/m.exec(answer)?.[1];
}

/** Columns: destination, mask, gateway, interface, metric. Its words are in the language of the system. */
export function gatewayInWindowsTable(table: string): string | undefined {
  const routes = [
    ...table.matchAll(/^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+(\d+\.\d+\.\d+\.\d+)\s+\d+\.\d+\.\d+\.\d+\s+(\d+)\s*$/gm),
  ];
  return routes.sort((one, other) => Number(one[2]) - Number(other[2]))[0]?.[1];
}

/** This computer's address on the gateway's network. A datagram socket that is connected has sent nothing. */
function addressTowards(gateway: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4' });
    const end = (own?: string) => {
      socket.close();
      resolve(own);
    };
    socket.once('error', () => end());
    socket.connect(mappingPort, gateway, (error?: Error | null) => end(error ? undefined : socket.address().address));
  });
}
