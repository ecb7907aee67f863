// The network check in the report that people copy: kinds and counts; the public address only when it was ticked.

import type { RouterView } from '../../shared/model/router-view.ts';
import type { DiagnosticsRow, NetworkCheck } from './app-state.ts';

export function routerRows(router: RouterView, withAddresses: boolean): readonly DiagnosticsRow[] {
  if (router.at !== 'opens' && router.at !== 'opens-v6') return [{ name: 'router', value: router.at }];
  const rows = [{ name: 'router', value: `${router.at} (${router.by})` }];
  return withAddresses ? [...rows, { name: 'address of the router', value: router.publicAddress }] : rows;
}

export function networkRows(network: NetworkCheck, withAddresses: boolean): readonly DiagnosticsRow[] {
  if (network.at !== 'told') return [];
  const { view } = network;
  const rows: DiagnosticsRow[] = [
    { name: 'network', value: view.at === 'untold' ? `untold (${view.because})` : view.at },
    { name: 'servers that answered', value: `${view.answered} of ${view.asked}` },
    { name: 'relays', value: view.relays.join(', ') || 'none' },
    { name: 'networks', value: view.networks === undefined ? 'hidden' : String(view.networks) },
    { name: 'ipv6', value: view.ipv6 },
    { name: 'hairpin', value: view.hairpin },
  ];
  if (withAddresses && view.publicAddress !== undefined)
    rows.push({ name: 'public address', value: view.publicAddress });
  return rows;
}
