// Three projects: quick rules in Node, contract suites on real disks and sockets, and end to end in real Chromium.

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    clearMocks: false,
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts', 'tests/unit/**/*.test.tsx'] } },
      { test: { name: 'contract', include: ['tests/contract/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts', 'tests/net/**/*.test.ts', 'tests/electron/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
