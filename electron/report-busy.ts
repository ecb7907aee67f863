// Tells when the host becomes busy or idle. Only calls of the engine and its end can change that.

import type { Host } from '../host/host.ts';
import type { Handlers } from '../shared/ipc/calls.ts';
import type { EngineCalls } from '../shared/ipc/contract.ts';

export function reportBusy(host: Host, onChange: (isBusy: boolean) => void): Host {
  let told = host.isBusy();
  const report = (): void => {
    const isBusy = host.isBusy();
    if (isBusy === told) return;
    told = isBusy;
    onChange(isBusy);
  };
  const reporting =
    <I, O>(handle: (input: I) => O | Promise<O>) =>
    async (input: I): Promise<O> => {
      try {
        return await handle(input);
      } finally {
        report();
      }
    };
  const engine = Object.fromEntries(
    Object.entries(host.engine).map(([name, handle]) => [name, reporting(handle as (input: unknown) => unknown)]),
  ) as unknown as Handlers<EngineCalls>;
  return { ...host, engine, engineGone: async () => host.engineGone().finally(report) };
}
