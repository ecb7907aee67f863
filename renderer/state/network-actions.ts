// The network check: runs when somebody asks for it, or when a link does not come up, and never while "Across the
// internet" is off. What it found is forgotten when the network or the servers change, and whatever asks a server then is given up.

import { toFaultView } from '../../shared/model/fault.ts';
import { askedServers } from '../../shared/model/server-entry.ts';
import type { StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

export function networkActions(
  { get, set, toast }: StoreAccess,
  { checkNetwork, host }: Pick<Ports, 'checkNetwork' | 'host'>,
) {
  let running: AbortController | undefined;
  let unchanged = new AbortController();

  function forgetCheck(): void {
    running?.abort();
    running = undefined;
    if (get().network.at !== 'unchecked') set(() => ({ network: { at: 'unchecked' } }));
  }

  /** The answer is older than whatever the host tells of the router after it. */
  async function checkRouter(signal: AbortSignal): Promise<void> {
    const router = await host.call('router.check', {}).catch(() => undefined);
    if (router !== undefined && !signal.aborted) set(() => ({ router }));
  }

  return {
    forgetNetwork(): void {
      unchanged.abort();
      unchanged = new AbortController();
      forgetCheck();
    },
    /** Until the network or the servers change. */
    whileUnchanged: (): AbortSignal => unchanged.signal,
    async checkNetwork(): Promise<void> {
      const { settings } = get();
      if (!settings.internet) return;
      forgetCheck();
      const own = new AbortController();
      running = own;
      set(() => ({ network: { at: 'checking' } }));
      try {
        const asked = settings.askRouter ? checkRouter(own.signal) : undefined;
        const [view] = await Promise.all([checkNetwork(askedServers(settings), own.signal), asked]);
        if (!own.signal.aborted) set(() => ({ network: { at: 'told', view } }));
      } catch (error) {
        if (own.signal.aborted) return;
        forgetCheck();
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
  };
}
