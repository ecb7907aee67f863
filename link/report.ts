// What the diagnostics page may copy: states and kinds. Addresses only when the person ticked them.

import type { LinkView } from '../shared/model/link-view.ts';
import type { PairFacts } from './route.ts';

export type ReportLine = { readonly name: string; readonly value: string };

export type ReportFacts = {
  readonly pair: PairFacts | undefined;
  readonly standby: number;
  readonly lanes: number;
  readonly state: string;
};

export function reportLines(
  view: LinkView,
  facts: ReportFacts | undefined,
  about: { readonly withAddresses: boolean; readonly connections: number },
): readonly ReportLine[] {
  const lines: ReportLine[] = [
    { name: 'session', value: view.at },
    { name: 'connections', value: String(about.connections) },
  ];
  if (facts === undefined) return lines;
  lines.push(
    { name: 'connection', value: facts.state },
    { name: 'lanes', value: String(facts.lanes) },
    { name: 'standby', value: String(facts.standby) },
  );
  if (facts.pair === undefined) return lines;
  const { local, remote, roundTripMs } = facts.pair;
  lines.push(
    { name: 'local candidate', value: local.candidateType },
    { name: 'remote candidate', value: remote.candidateType },
    { name: 'protocol', value: local.protocol ?? 'unknown' },
    { name: 'round trip', value: roundTripMs === undefined ? 'unknown' : `${roundTripMs} ms` },
  );
  if (about.withAddresses) {
    lines.push(
      { name: 'local address', value: local.address || 'hidden' },
      { name: 'remote address', value: remote.address || 'hidden' },
    );
  }
  return lines;
}
