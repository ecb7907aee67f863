// The Workers of the guest page, as texts inside it. A page from disk may start a Worker from nothing but a `blob:` address, and
// Chromium starts no module that way. The page's policy lets a Worker's address be made here and nowhere else.

import scanWorker from '../renderer/scan/scan-worker.ts?worker-text';
import engineWorker from '../renderer/worker/engine-worker.ts?worker-text';
import hostWorker from './host-worker.ts?worker-text';

const texts = { engine: engineWorker, scan: scanWorker, host: hostWorker } as const;

type ScriptPolicy = { createScriptURL(address: string): URL };
type PolicyFactory = { createPolicy(name: string, rules: { createScriptURL(address: string): string }): ScriptPolicy };

/** Made by this file and not yet used. */
const made = new Set<string>();
// As the page loads: the policy's name can be taken once, and nothing else shall take it.
const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory };
const policy = trustedTypes?.createPolicy('tincan', {
  createScriptURL(address) {
    if (!made.delete(address)) throw new TypeError('a script from elsewhere');
    return address;
  },
});

export function startTextWorker(which: keyof typeof texts): Worker {
  const address = URL.createObjectURL(new Blob([texts[which]], { type: 'text/javascript' }));
  made.add(address);
  return new Worker(policy?.createScriptURL(address) ?? address);
}
