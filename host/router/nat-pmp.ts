// Ports by NAT-PMP.

import type { Clock } from '../../shared/model/clock.ts';
import { askGateway } from './ask-gateway.ts';
import type { FoundProtocol, GatewayPlace, MapAnswer, PortRequest } from './gateway-place.ts';
import {
  type NatPmpMapped,
  readAddressAnswer,
  readMapAnswer,
  writeAddressRequest,
  writeMapRequest,
} from './nat-pmp-packet.ts';

export async function findNatPmp(place: GatewayPlace, clock: Clock, signal: AbortSignal): Promise<FoundProtocol> {
  const to = { address: place.address, port: place.mappingPort };
  const askAddress = (stop: AbortSignal) =>
    askGateway({ to, request: writeAddressRequest, read: readAddressAnswer }, clock, stop);
  const first = await askAddress(signal);
  if (first?.at !== 'address') return first?.at;

  function ask(request: PortRequest, leaseSeconds: number, stop: AbortSignal): Promise<NatPmpMapped | undefined> {
    return askGateway(
      {
        to,
        request: () => writeMapRequest(request, request.wantedPort, leaseSeconds),
        read: (bytes) => readMapAnswer(bytes, request),
      },
      clock,
      stop,
    );
  }

  return {
    by: 'nat-pmp',
    async map(request, stop): Promise<MapAnswer> {
      const mapped = await ask(request, request.leaseSeconds, stop);
      if (mapped === undefined) return { at: 'silent' };
      if (mapped.at !== 'mapped') return refused(mapped.at);
      // The address may have changed since the last mapping.
      const seen = await askAddress(stop);
      if (seen === undefined) return { at: 'silent' };
      return seen.at === 'address' ? { ...mapped, address: seen.address } : refused(seen.at);
    },
    async unmap(request, stop) {
      await ask(request, 0, stop);
    },
  };
}

function refused(at: 'refused' | 'no-address'): MapAnswer {
  return at === 'refused' ? { at } : { at: 'refused', because: at };
}
