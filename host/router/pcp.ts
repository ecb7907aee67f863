// Ports by PCP. The nonce of a mapping is what proves that it is ours: the same for renewing and for ending it.

import { randomBytes } from 'node:crypto';
import { worthOf } from '../../shared/lan/lan-address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { askGateway } from './ask-gateway.ts';
import type { FoundProtocol, GatewayPlace, MapAnswer, PortRequest } from './gateway-place.ts';
import { type PcpAnswer, readPcpAnswer, writePcpAnnounce, writePcpMap } from './pcp-packet.ts';

export async function findPcp(place: GatewayPlace, clock: Clock, signal: AbortSignal): Promise<FoundProtocol> {
  const to = { address: place.address, port: place.mappingPort };
  const nonces = new Map<string, Uint8Array>();
  const announced = await askGateway(
    { to, request: writePcpAnnounce, read: (bytes) => readPcpAnswer(bytes) },
    clock,
    signal,
  );
  if (announced === undefined || announced.at === 'other-version') return undefined;
  // Some know MAP and not ANNOUNCE; the mapping itself shows whether it refuses.

  function nonceOf({ protocol, port }: PortRequest): Uint8Array {
    const key = `${protocol} ${port}`;
    const nonce = nonces.get(key) ?? new Uint8Array(randomBytes(12));
    nonces.set(key, nonce);
    return nonce;
  }

  function ask(request: PortRequest, leaseSeconds: number, stop: AbortSignal): Promise<PcpAnswer | undefined> {
    const { protocol, port, wantedPort } = request;
    const mapping = { nonce: nonceOf(request), protocol, port };
    return askGateway(
      {
        to,
        request: (ownAddress) => writePcpMap({ ...mapping, wantedPort, leaseSeconds, ownAddress }),
        read: (bytes) => readPcpAnswer(bytes, mapping),
      },
      clock,
      stop,
    );
  }

  return {
    by: 'pcp',
    async map(request, stop): Promise<MapAnswer> {
      const answer = await ask(request, request.leaseSeconds, stop);
      if (answer === undefined) return { at: 'silent' };
      if (answer.at === 'mapped') return answer;
      const worth = answer.at === 'refused' && answer.address !== undefined ? worthOf(answer.address) : 'none';
      return worth === 'shared' || worth === 'behind' ? { at: 'refused', because: worth } : { at: 'refused' };
    },
    async unmap(request, stop) {
      await ask(request, 0, stop);
      nonces.delete(`${request.protocol} ${request.port}`);
    },
  };
}
