// Where the person's own router is asked, and what is asked of it: the small port behind which the three protocols stand.
// Every one of them contacts the gateway's own address and nobody else.

import type { Clock } from '../../shared/model/clock.ts';
import type { RouterNo, RouterProtocolName } from '../../shared/model/router-view.ts';

export type GatewayPlace = {
  /** Of the default gateway. One of IPv6 names the interface too where it needs it: `fe80::1%eth0`. */
  readonly address: string;
  /** Of this computer, on the gateway's network. */
  readonly ownAddress: string;
  /** More of them: of IPv6 a computer has several. */
  readonly otherAddresses?: readonly string[];
  /** Where it hears PCP and NAT-PMP. */
  readonly mappingPort: number;
  /** Where it hears UPnP's search. */
  readonly searchPort: number;
};

export const mappingPort = 5351;
export const searchPort = 1900;

export type PortRequest = {
  readonly protocol: 'udp' | 'tcp';
  /** Of this computer. */
  readonly port: number;
  /** IPv6: the address of this computer that others are let in to. It is the same outside. */
  readonly address?: string;
  /** Outside, if it is free. */
  readonly wantedPort: number;
  readonly leaseSeconds: number;
};

/** Whose port it is, for as long as anything is known of it. */
export type PortId = Pick<PortRequest, 'protocol' | 'port' | 'address'>;

export function portKey({ protocol, port, address = '' }: PortId): string {
  return `${protocol} ${port} ${address}`;
}

export type MapAnswer =
  | {
      readonly at: 'mapped';
      readonly address: string;
      readonly port: number;
      readonly leaseSeconds: number;
      /** How long the router has known its mappings. Less than before: it was restarted, and knows none. */
      readonly upSeconds?: number;
    }
  | { readonly at: 'refused'; readonly because?: RouterNo }
  | { readonly at: 'silent' };

export interface RouterProtocol {
  readonly by: RouterProtocolName;
  /** Makes a mapping, or renews the one of this port. */
  map(request: PortRequest, signal: AbortSignal): Promise<MapAnswer>;
  unmap(request: PortRequest, signal: AbortSignal): Promise<void>;
}

/** `refused`: it knows the protocol and does not want to hear of it. Nothing: no answer. */
export type FoundProtocol = RouterProtocol | 'refused' | 'no-address' | undefined;

export type FindProtocol = (place: GatewayPlace, clock: Clock, signal: AbortSignal) => Promise<FoundProtocol>;

/** Gives `work` a signal that ends after so long, or with the one that is given. */
export async function withinTime<T>(
  { clock, ms, signal }: { readonly clock: Clock; readonly ms: number; readonly signal?: AbortSignal },
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const cancel = clock.after(ms, () => own.abort());
  try {
    return await work(signal === undefined ? own.signal : AbortSignal.any([own.signal, signal]));
  } finally {
    cancel();
  }
}
