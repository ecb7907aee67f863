// Quick rules in Node, contract suites on real disks and sockets, end to end in real Chromium. Of the last, those that
// mostly wait or take long and those that look at every screen are projects of their own, which `npm test` runs beside the others.

import { configDefaults, defineConfig } from 'vitest/config';
import { conditionMs } from './tests/condition-ms.ts';

const patient = [
  'tests/net/patience.test.ts',
  'tests/net/network-check.test.ts',
  'tests/e2e/reloaded.test.ts',
  'tests/net/remembered-computers.test.ts',
  'tests/electron/host-process.test.ts',
  'tests/e2e/crash.test.ts',
  'tests/e2e/protocol-client.test.ts',
];
/** Every scenario is two browsers and more: with all of them side by side a small machine misses its deadlines. */
const internet = ['tests/net/internet.test.ts'];
const screens = ['tests/e2e/gallery.test.ts', 'tests/e2e/gallery-firefox.test.ts'];
/** Minutes each: on request, and in a job of their own in CI. */
const slow = [
  'tests/net/file-in-flight.test.ts',
  'tests/net/direct-in-flight.test.ts',
  'tests/e2e/reload-in-flight.test.ts',
  'tests/e2e/twenty-thousand-files.test.ts',
  'tests/net/router-patience.test.ts',
  'tests/net/both-move.test.ts',
  'tests/guest/guest-in-flight.test.ts',
  'tests/guest/hidden-addresses.test.ts',
  'tests/e2e/app-window-firefox.test.ts',
  'tests/e2e/phone-firefox.test.ts',
];
const wholeApp = { testTimeout: 120_000, hookTimeout: 60_000, fileParallelism: false };
/** Machines of a CI are shared: a test that missed a deadline there gets a second try, and the report says so. */
const retry = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    clearMocks: false,
    retry,
    // Of Vitest itself a second each, which is short on a slow machine.
    expect: { poll: { timeout: conditionMs } },
    setupFiles: ['tests/nothing-left.ts', 'tests/long-waits.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', testTimeout: 20_000, include: ['tests/unit/**/*.test.ts', 'tests/unit/**/*.test.tsx'] },
      },
      { extends: true, test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          ...wholeApp,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts', 'tests/net/**/*.test.ts', 'tests/electron/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...patient, ...internet, ...screens, ...slow],
        },
      },
      { extends: true, test: { ...wholeApp, name: 'patience', include: patient, maxConcurrency: 8 } },
      { extends: true, test: { ...wholeApp, name: 'internet', include: internet, maxConcurrency: 3 } },
      { extends: true, test: { ...wholeApp, name: 'screens', include: screens } },
      { extends: true, test: { ...wholeApp, name: 'slow', include: slow, maxConcurrency: 8 } },
      // Slow, and only on request: every disk call of a receiving host, killed or failed.
      { test: { name: 'sweep', include: ['tests/sweep/**/*.test.ts'], fileParallelism: false } },
    ],
  },
});
