// `npm test`, `npm run check`, `npm run build`, `npm run dev`, the benches: each works alone from a fresh clone.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  ensureBuilt,
  ensureChromium,
  ensureDependencies,
  ensureNetworkTools,
  environment,
  root,
  runTool,
  say,
} from './ready.mjs';

const rooms = ['shared', 'host', 'browser', 'electron', 'renderer', 'build', 'tests', 'bench'];
const [task, ...args] = process.argv.slice(2);

const tasks = {
  build: () => {
    ensureBuilt();
    return 0;
  },
  test: () => {
    const chromium = ensureChromium();
    ensureNetworkTools();
    ensureBuilt();
    return runTests(chromium, args);
  },
  check: () => checks() || tasks.test(),
  lint: () => checks(),
  dev: () => runTool('node', ['build/dev.ts', ...args]),
  bench: () => measured('bench/run.ts'),
  'bench:link': () => measured('bench/link.ts'),
  screenshots: () => measured('build/screenshots.ts'),
};

ensureDependencies();
const run = tasks[task];
if (!run) {
  say(`Unknown task ${task}. There are: ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
process.exit(run());

function checks() {
  const steps = [
    ['biome', ['ci', '--error-on-warnings', '.']],
    ...rooms.map((room) => ['tsc', ['-p', room]]),
    [
      'oxlint',
      [
        '--type-aware',
        '-A',
        'all',
        '-D',
        'typescript/no-floating-promises',
        '-D',
        'typescript/no-misused-promises',
        ...rooms,
      ],
    ],
    ['knip', []],
  ];
  for (const [tool, toolArgs] of steps) {
    say(`› ${tool} ${toolArgs.join(' ')}`);
    const status = runTool(tool, toolArgs);
    if (status !== 0) return status;
  }
  return 0;
}

/** Runs vitest and closes with one plain line of counts, whatever the reporter printed before. */
function runTests(chromium, vitestArgs) {
  const results = path.join(root, 'tests', '.results');
  const report = path.join(results, 'report.json');
  mkdirSync(results, { recursive: true });
  rmSync(report, { force: true });
  const status = runTool(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArgs],
    { env: environment({ CHROMIUM: chromium }) },
  );
  if (!existsSync(report)) return status || 1;
  const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
  if (numTotalTests === 0) {
    say('No test ran.');
    return status || 1;
  }
  return status;
}

function measured(script) {
  const chromium = ensureChromium();
  ensureBuilt();
  return runTool('node', [script, ...args], { env: environment({ CHROMIUM: chromium }) });
}
