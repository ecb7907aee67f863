// A router's UPnP description, down to what is asked of it. Promises: only services that open ports, only at the gateway's own
// address, a few of them.

import { igdServicesMax } from '../../shared/wire/limits.ts';
import { childText, elementsNamed, readXml } from './read-xml.ts';

export type IgdService = { readonly type: string; readonly control: GatewayUrl };

/** On the gateway, over plain HTTP: only port and path are the router's to choose. */
export type GatewayUrl = { readonly port: number; readonly path: string };

const portServices = /^urn:schemas-upnp-org:service:WAN(?:IP|PPP)Connection:[12]$/;

/** Nothing where it leads anywhere but to the gateway. */
export function gatewayUrl(text: string, gateway: string, base?: GatewayUrl): GatewayUrl | undefined {
  const from = base === undefined ? undefined : `http://${gateway}:${base.port}${base.path}`;
  if (!URL.canParse(text, from)) return undefined;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(text, from);
  if (protocol !== 'http:' || hostname !== gateway || username !== '' || password !== '') return undefined;
  return { port: port === '' ? 80 : Number(port), path: `${pathname}${search}` };
}

export function portServicesOf(description: string, gateway: string, base: GatewayUrl): readonly IgdService[] {
  const root = readXml(description);
  if (root === undefined) return [];
  return elementsNamed('service', root)
    .flatMap((service) => {
      const type = childText('serviceType', service) ?? '';
      const control = gatewayUrl(childText('controlURL', service) ?? 'none:', gateway, base);
      return portServices.test(type) && control !== undefined ? [{ type, control }] : [];
    })
    .slice(0, igdServicesMax);
}
