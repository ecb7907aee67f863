// Where a phone on this network would find this computer: one private address, and the network around it.

import { addressBytes, addressText, isLinkLocalV6 } from '../../shared/code/address.ts';
import { isLanAddress } from '../../shared/lan/lan-address.ts';
import { networkInterfaces } from './network-interfaces.ts';

export type PhonePlace = { readonly family: 4 | 6; readonly address: string; readonly netmask: string };

type Interfaces = Readonly<
  Record<string, readonly { readonly address: string; readonly netmask: string; readonly family: string }[] | undefined>
>;

/** Networks inside this computer, and tunnels: no phone is on one of them. */
const innerNames =
  /^(docker|br-|virbr|veth|vboxnet|vmnet|vmenet|bridge|utun|tun|tap|wg|zt|tailscale|llw|awdl|vEthernet)/i;

/** `gatewayAddress`: this computer's own on the network of its default gateway, where a phone most likely is. */
export function phonePlace(
  gatewayAddress: string | undefined,
  interfaces: Interfaces = networkInterfaces(),
): PhonePlace | undefined {
  const found = Object.entries(interfaces).flatMap(([name, list]) =>
    (list ?? []).flatMap((each) => {
      const place = placeOf(each);
      return place === undefined ? [] : [{ place, worth: worthOf(name, place, gatewayAddress) }];
    }),
  );
  return found.sort((a, b) => b.worth - a.worth)[0]?.place;
}

function placeOf({ address, netmask, family }: { address: string; netmask: string; family: string }) {
  const sort = family === 'IPv4' ? 4 : 6;
  const [bytes, mask] = [addressBytes(sort, address), addressBytes(sort, netmask)];
  if (bytes === undefined || mask === undefined || !isLanAddress(sort, address)) return undefined;
  // A link-local address of IPv6 needs the name of an interface, which no link can hold.
  if (sort === 6 && isLinkLocalV6(bytes)) return undefined;
  // Nobody else is on a network of one address.
  if (mask.every((byte) => byte === 0xff)) return undefined;
  return { family: sort, address: addressText(sort, bytes), netmask } as const;
}

function worthOf(name: string, { address, family }: PhonePlace, gatewayAddress: string | undefined): number {
  if (address === gatewayAddress) return 4;
  if (innerNames.test(name)) return 0;
  // Nobody gave this network its addresses.
  if (address.startsWith('169.254.')) return 1;
  return family === 4 ? 3 : 2;
}
