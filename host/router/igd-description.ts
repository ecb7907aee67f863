// A router's UPnP description, down to what is asked of it. Promises: only services that open ports or pinholes, only at the
// gateway's own address, a few of them.

import { igdServicesMax } from '../../shared/wire/limits.ts';
import { childText, elementsNamed, readXml } from './read-xml.ts';

export type IgdService = { readonly type: string; readonly control: GatewayUrl };

/** On the gateway, over plain HTTP: only port and path are the router's to choose. */
export type GatewayUrl = { readonly port: number; readonly path: string };

const portServices = /^urn:schemas-upnp-org:service:WAN(?:IP|PPP)Connection:[12]$/;
const pinholeServices = /^urn:schemas-upnp-org:service:WANIPv6FirewallControl:1$/;

/** Nothing where it leads anywhere but to the gateway. */
export function gatewayUrl(text: string, gateway: string, base?: GatewayUrl): GatewayUrl | undefined {
  const from = base === undefined ? undefined : `http://${gateway}:${base.port}${base.path}`;
  if (!URL.canParse(text, from)) return undefined;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(text, from);
  if (protocol !== 'http:' || hostname !== gateway || username !== '' || password !== '') return undefined;
  return { port: port === '' ? 80 : Number(port), path: `${pathname}${search}` };
}

/**
 * The gateway is contacted by its link-local address, and names a global one here, which nobody can tell to be its own: so only the
 * port and the path are used. A name, or an address of IPv4, is refused.
 */
export function gatewayUrlV6(text: string, base?: GatewayUrl): GatewayUrl | undefined {
  const from = base === undefined ? undefined : `http://[::]:${base.port}${base.path}`;
  if (!URL.canParse(text, from)) return undefined;
  const { hostname } = new URL(text, from);
  return hostname.startsWith('[') ? gatewayUrl(text, hostname, base) : undefined;
}

export function portServicesOf(description: string, gateway: string, base: GatewayUrl): readonly IgdService[] {
  return servicesOf(description, portServices, (text) => gatewayUrl(text, gateway, base));
}

export function pinholeServicesOf(description: string, base: GatewayUrl): readonly IgdService[] {
  return servicesOf(description, pinholeServices, (text) => gatewayUrlV6(text, base));
}

function servicesOf(
  description: string,
  types: RegExp,
  controlUrl: (text: string) => GatewayUrl | undefined,
): readonly IgdService[] {
  const root = readXml(description);
  if (root === undefined) return [];
  return elementsNamed('service', root)
    .flatMap((service) => {
      const type = childText('serviceType', service) ?? '';
      const control = controlUrl(childText('controlURL', service) ?? 'none:');
      return types.test(type) && control !== undefined ? [{ type, control }] : [];
    })
    .slice(0, igdServicesMax);
}
