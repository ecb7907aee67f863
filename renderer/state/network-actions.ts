// The network check: runs when somebody asks for it, or when a link does not come up, and never while "Across the
// internet" is off. What it found is forgotten when the network or the servers change.

import { toFaultView } from '../../shared/model/fault.ts';
import type { StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

export function networkActions({ get, set, toast }: StoreAccess, { checkNetwork }: Pick<Ports, 'checkNetwork'>) {
  let running: AbortController | undefined;

  function forgetNetwork(): void {
    running?.abort();
    running = undefined;
    if (get().network.at !== 'unchecked') set(() => ({ network: { at: 'unchecked' } }));
  }

  return {
    forgetNetwork,
    async checkNetwork(): Promise<void> {
      const { internet, servers } = get().settings;
      if (!internet) return;
      forgetNetwork();
      const own = new AbortController();
      running = own;
      set(() => ({ network: { at: 'checking' } }));
      try {
        const view = await checkNetwork(servers, own.signal);
        if (!own.signal.aborted) set(() => ({ network: { at: 'told', view } }));
      } catch (error) {
        if (own.signal.aborted) return;
        forgetNetwork();
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
  };
}
