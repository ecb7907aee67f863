// The Workers of this page, as files that were built with it.

import scanWorkerUrl from './scan/scan-worker.ts?worker&url';
import type { StartWorker } from './start-worker.ts';
import { trustedScript } from './trusted-script.ts';
import engineWorkerUrl from './worker/engine-worker.ts?worker&url';

const addresses = { engine: engineWorkerUrl, scan: scanWorkerUrl } as const;

export const startBundledWorker: StartWorker = (which) =>
  new Worker(trustedScript(addresses[which]), { type: 'module' });
