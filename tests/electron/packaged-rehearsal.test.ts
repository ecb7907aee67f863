// The test of what will be published, tried on a program that behaves as the packaged app does: the built main process on the
// stand-in. So it is known to run, to pass and to fail before a release depends on it.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../e2e/instance.ts';

const register = fileURLToPath(new URL('../electron-standin/register.mjs', import.meta.url));
const standIn = `STANDIN_PACKAGED=1 exec '${process.execPath}' --import '${register}' '${root}dist/electron/main.mjs' "$@"`;

type Report = {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly failureMessages: readonly string[] }[];
  }[];
};

/** Runs the test on a package whose program is this line of shell. */
function tryPackage(program: string | undefined) {
  const folder = temporaryFolder('release');
  if (program !== undefined) {
    mkdirSync(path.join(folder, 'linux-unpacked'));
    writeFileSync(path.join(folder, 'linux-unpacked/tincan'), `#!/bin/sh\n${program}\n`);
    chmodSync(path.join(folder, 'linux-unpacked/tincan'), 0o755);
  }
  const output = path.join(folder, 'report.json');
  const test = 'tests/electron/packaged-start.test.ts';
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const options = ['run', '--project', 'e2e', test, '--reporter', 'json', '--outputFile', output];
  const { CI: _, ...env } = process.env;
  const { status } = spawnSync(process.execPath, [vitest, ...options], {
    cwd: root,
    env: { ...env, TINCAN_RELEASE_FOLDER: folder, REQUIRE_ELECTRON: '1' },
    stdio: 'ignore',
    timeout: 100_000,
  });
  const {
    numPassedTests: passed,
    numPendingTests: skipped,
    testResults,
  }: Report = JSON.parse(readFileSync(output, 'utf8'));
  const failures = testResults.flatMap((file) => file.assertionResults.flatMap((result) => result.failureMessages));
  return { status, passed, skipped, failures };
}

describe.skipIf(process.platform !== 'linux')('the test of the package that will be published', () => {
  it('passes on a program that starts, closes when asked and refuses a debugger', () => {
    expect(tryPackage(standIn)).toEqual({ status: 0, passed: 2, skipped: 0, failures: [] });
  });

  it.each([
    ['ends at once', 'exit 0'],
    ['is not there', undefined],
  ])('fails on a program that %s', (_what, program) => {
    expect(tryPackage(program).status).not.toBe(0);
  });
});
