// Ports by PCP, and IPv6's pinholes in the router's firewall. The nonce of a mapping is what proves that it is ours: the same for
// renewing and for ending it.

import { randomBytes } from 'node:crypto';
import { familyOf } from '../../shared/code/address.ts';
import { worthOf } from '../../shared/lan/lan-address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { pinholeAskAtMs } from '../../shared/wire/limits.ts';
import { askGateway } from './ask-gateway.ts';
import { type FoundProtocol, type GatewayPlace, type MapAnswer, type PortRequest, portKey } from './gateway-place.ts';
import { type PcpAnswer, readPcpAnswer, writePcpAnnounce, writePcpMap } from './pcp-packet.ts';

export async function findPcp(place: GatewayPlace, clock: Clock, signal: AbortSignal): Promise<FoundProtocol> {
  const to = { address: place.address, port: place.mappingPort };
  const nonces = new Map<string, Uint8Array>();
  /** Pinholes that are open. */
  const pinholes = new Set<string>();
  const from = isV6(place.ownAddress) ? { from: place.ownAddress } : {};
  const announced = await askGateway(
    { to, ...from, request: writePcpAnnounce, read: (bytes) => readPcpAnswer(bytes) },
    clock,
    signal,
  );
  if (announced === undefined || announced.at === 'other-version') return undefined;
  // Some know MAP and not ANNOUNCE; the mapping itself shows whether it refuses.

  function nonceOf(request: PortRequest): Uint8Array {
    const key = portKey(request);
    const nonce = nonces.get(key) ?? new Uint8Array(randomBytes(12));
    nonces.set(key, nonce);
    return nonce;
  }

  function ask(request: PortRequest, leaseSeconds: number, stop: AbortSignal): Promise<PcpAnswer | undefined> {
    const { protocol, port, wantedPort, address } = request;
    const mapping = { nonce: nonceOf(request), protocol, port };
    return askGateway(
      {
        to,
        // What is opened is the address that the request comes from.
        ...(address === undefined ? {} : { from: address }),
        ...(address !== undefined && leaseSeconds > 0 ? { askAtMs: pinholeAskAtMs } : {}),
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
      // miniupnpd before 2.3.4 forgets with nftables whose a pinhole is when it is renewed, and then neither renews nor ends it for us
      // (its commit 358f430). What flows through it already is not cut in between.
      if (pinholes.delete(portKey(request))) await ask(request, 0, stop);
      const answer = await ask(request, request.leaseSeconds, stop);
      if (answer === undefined) return { at: 'silent' };
      if (answer.at === 'mapped') {
        if (request.address !== undefined) pinholes.add(portKey(request));
        return answer;
      }
      const worth = answer.at === 'refused' && answer.address !== undefined ? worthOf(answer.address) : 'none';
      return worth === 'shared' || worth === 'behind' ? { at: 'refused', because: worth } : { at: 'refused' };
    },
    async unmap(request, stop) {
      await ask(request, 0, stop);
      nonces.delete(portKey(request));
      pinholes.delete(portKey(request));
    },
  };
}

function isV6(address: string): boolean {
  return familyOf(address) === 6;
}
