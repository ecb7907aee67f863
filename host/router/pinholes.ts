// Pinholes for IPv6 in the firewall of a router, by UPnP-IGD 2 (WANIPv6FirewallControl 1). Promises: it contacts the gateway alone, by
// the address of this computer that a pinhole is for, as routers demand; the router's own words choose only a port and a path there.

import type { Clock } from '../../shared/model/clock.ts';
import { igdDescriptionMaxBytes, ssdpAnswerMaxBytes } from '../../shared/wire/limits.ts';
import { askGateway } from './ask-gateway.ts';
import { askHttp } from './gateway-http.ts';
import { type FoundProtocol, type GatewayPlace, type MapAnswer, type PortRequest, portKey } from './gateway-place.ts';
import { pinholeServicesOf } from './igd-description.ts';
import { callSoap, type SoapAnswer } from './soap.ts';
import { readSearchAnswerV6, searchV6 } from './ssdp.ts';

const protocolNumbers = { udp: 17, tcp: 6 } as const;

export async function findPinholes(place: GatewayPlace, clock: Clock, signal: AbortSignal): Promise<FoundProtocol> {
  // Asked from this computer's link-local address, as the system chooses it, the gateway answers from its own.
  const url = await askGateway(
    {
      to: { address: place.address, port: place.searchPort },
      request: () => searchV6(place.searchPort),
      read: (bytes) =>
        bytes.length > ssdpAnswerMaxBytes ? undefined : readSearchAnswerV6(new TextDecoder('latin1').decode(bytes)),
    },
    clock,
    signal,
  );
  if (url === undefined) return undefined;
  const description = await askHttp({ place, url, maxBytes: igdDescriptionMaxBytes }, clock, signal);
  const [service] = description?.status === 200 ? pinholeServicesOf(description.text, url) : [];
  if (service === undefined) return undefined;
  const status = await call('GetFirewallStatus', {}, { stop: signal });
  if (status?.at !== 'done') return undefined;
  if (status.value('InboundPinholeAllowed') !== '1') return 'refused';
  const open = new Map<string, number>();

  function call(
    action: string,
    values: Readonly<Record<string, string | number>>,
    { stop, from = place.ownAddress }: { readonly stop: AbortSignal; readonly from?: string | undefined },
  ): Promise<SoapAnswer | undefined> {
    return callSoap({ place: { ...place, ownAddress: from }, service: service!, action, values }, clock, stop);
  }

  async function add(request: PortRequest, stop: AbortSignal): Promise<SoapAnswer | undefined> {
    const { protocol, port, address = place.ownAddress, leaseSeconds } = request;
    const values = {
      RemoteHost: '',
      RemotePort: 0,
      InternalClient: address,
      InternalPort: port,
      Protocol: protocolNumbers[protocol],
      LeaseTime: leaseSeconds,
    };
    return call('AddPinhole', values, { stop, from: address });
  }

  async function renew(request: PortRequest, stop: AbortSignal): Promise<SoapAnswer | undefined> {
    const id = open.get(portKey(request));
    if (id === undefined) return undefined;
    return call('UpdatePinhole', { UniqueID: id, NewLeaseTime: request.leaseSeconds }, { stop, from: request.address });
  }

  return {
    by: 'upnp',
    async map(request, stop): Promise<MapAnswer> {
      const { port, address = place.ownAddress, leaseSeconds } = request;
      const mapped = { at: 'mapped', address, port, leaseSeconds } as const;
      const renewed = await renew(request, stop);
      if (renewed?.at === 'done') return mapped;
      // The number may be of another computer's pinhole by now: a router that is started again counts anew.
      if (renewed?.at === 'fault') open.delete(portKey(request));
      const added = await add(request, stop);
      if (added === undefined) return { at: 'silent' };
      const id = added.at === 'done' ? (added.value('UniqueID') ?? '') : '';
      if (!/^\d{1,5}$/.test(id)) return { at: 'refused' };
      open.set(portKey(request), Number(id));
      return mapped;
    },
    async unmap(request, stop) {
      const id = open.get(portKey(request));
      open.delete(portKey(request));
      if (id !== undefined) await call('DeletePinhole', { UniqueID: id }, { stop, from: request.address });
    },
  };
}
