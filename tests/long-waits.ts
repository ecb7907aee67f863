// For every test: `vi.waitFor` is as patient as `expect.poll` is by vitest.config.ts.

import { vi } from 'vitest';
import { conditionMs } from './condition-ms.ts';

const { waitFor } = vi;

vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: conditionMs, ...options });
