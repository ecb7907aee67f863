// Ports by UPnP-IGD, versions 1 and 2. A router that only knows mappings without an end is taken at its word and not used:
// after a crash nobody would close them.

import { randomInt } from 'node:crypto';
import { addressBytes } from '../../shared/code/address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { igdDescriptionMaxBytes, igdPortTriesMax, replyPortMin } from '../../shared/wire/limits.ts';
import { askHttp } from './gateway-http.ts';
import { type FoundProtocol, type GatewayPlace, type MapAnswer, type PortRequest, portKey } from './gateway-place.ts';
import { type IgdService, portServicesOf } from './igd-description.ts';
import { callSoap, type SoapAnswer } from './soap.ts';
import { findDescription } from './ssdp.ts';

const portIsTaken = 718;

export async function findUpnp(place: GatewayPlace, clock: Clock, signal: AbortSignal): Promise<FoundProtocol> {
  const url = await findDescription(place, clock, signal);
  if (url === undefined) return undefined;
  const description = await askHttp({ place, url, maxBytes: igdDescriptionMaxBytes }, clock, signal);
  if (description?.status !== 200) return undefined;
  const services = portServicesOf(description.text, place.address, url);
  const service = await firstConnected(services, { place, clock, signal });
  if (typeof service !== 'object') return service;
  /** By the port inside, the one that was asked for last; `isOpen`: the router said so. Otherwise it may be of another computer. */
  const outside = new Map<string, { readonly port: number; readonly isOpen: boolean }>();

  function call(action: string, values: Readonly<Record<string, string | number>>, stop: AbortSignal) {
    return callSoap({ place, service: service as IgdService, action, values }, clock, stop);
  }

  async function add(request: PortRequest, port: number, stop: AbortSignal): Promise<SoapAnswer | undefined> {
    const key = portKey(request);
    outside.set(key, { port, isOpen: false });
    const added = await call(
      'AddPortMapping',
      {
        NewRemoteHost: '',
        NewExternalPort: port,
        NewProtocol: request.protocol.toUpperCase(),
        NewInternalPort: request.port,
        NewInternalClient: place.ownAddress,
        NewEnabled: 1,
        NewPortMappingDescription: 'Tincan',
        NewLeaseDuration: request.leaseSeconds,
      },
      stop,
    );
    if (added?.at === 'done') outside.set(key, { port, isOpen: true });
    return added;
  }

  /** Of an answer that never came nobody knows whether the router opened the port, or had it open for somebody else. */
  async function isOurs(request: PortRequest, port: number, stop: AbortSignal): Promise<boolean> {
    const values = { NewRemoteHost: '', NewExternalPort: port, NewProtocol: request.protocol.toUpperCase() };
    const entry = await call('GetSpecificPortMappingEntry', values, stop);
    if (entry?.at !== 'done' || entry.value('NewInternalClient') !== place.ownAddress) return false;
    return entry.value('NewInternalPort') === String(request.port);
  }

  return {
    by: 'upnp',
    async map(request, stop): Promise<MapAnswer> {
      let port = outside.get(portKey(request))?.port ?? request.wantedPort;
      let added = await add(request, port, stop);
      for (let tries = 1; isTaken(added) && tries < igdPortTriesMax; tries += 1) {
        port = randomInt(replyPortMin, 65_536);
        added = await add(request, port, stop);
      }
      if (added === undefined) return { at: 'silent' };
      if (added.at === 'fault') return { at: 'refused' };
      const address = addressIn(await call('GetExternalIPAddress', {}, stop));
      return address === undefined
        ? { at: 'silent' }
        : { at: 'mapped', address, port, leaseSeconds: request.leaseSeconds };
    },
    async unmap(request, stop) {
      const known = outside.get(portKey(request));
      outside.delete(portKey(request));
      if (known === undefined) return;
      const { port, isOpen } = known;
      if (!isOpen && !(await isOurs(request, port, stop))) return;
      const values = { NewRemoteHost: '', NewExternalPort: port, NewProtocol: request.protocol.toUpperCase() };
      await call('DeletePortMapping', values, stop);
    },
  };
}

function isTaken(answer: SoapAnswer | undefined): boolean {
  return answer?.at === 'fault' && answer.code === portIsTaken;
}

/** A router may describe a connection for each of its lines, of which one is in use. */
async function firstConnected(
  services: readonly IgdService[],
  { place, clock, signal }: { readonly place: GatewayPlace; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<IgdService | 'no-address' | undefined> {
  let isWithoutAddress = false;
  for (const service of services) {
    const answer = await callSoap({ place, service, action: 'GetExternalIPAddress', values: {} }, clock, signal);
    if (addressIn(answer) !== undefined) return service;
    isWithoutAddress ||= answer?.at === 'done';
  }
  return isWithoutAddress ? 'no-address' : undefined;
}

function addressIn(answer: SoapAnswer | undefined): string | undefined {
  const text = answer?.at === 'done' ? (answer.value('NewExternalIPAddress') ?? '') : '';
  const bytes = addressBytes(4, text);
  return bytes === undefined || bytes[0] === 0 ? undefined : text;
}
