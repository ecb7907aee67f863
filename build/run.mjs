// `npm test`, `npm run check`, `npm run build`, `npm run dev`, the benches: each works alone from a fresh clone.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { lintSteps } from './lint-steps.mjs';
import {
  ensureBuilt,
  ensureChromium,
  ensureDependencies,
  ensureFirefox,
  ensureNetworkTools,
  environment,
  root,
  runTool,
  say,
  startTool,
} from './ready.mjs';
import { testSummary } from './test-summary.mjs';

const [task, ...args] = process.argv.slice(2);

const tasks = {
  build: () => {
    ensureBuilt();
    return 0;
  },
  test: () => {
    const chromium = ensureChromium();
    ensureNetworkTools();
    ensureFirefox();
    ensureBuilt();
    return runTests(chromium, args);
  },
  check: () => checks() || tasks.test(),
  lint: () => checks(),
  dev: () => runTool('node', ['build/dev.ts', ...args]),
  bench: () => measured('bench/run.ts'),
  'bench:link': () => measured('bench/link.ts'),
  simulate: () => runTool('node', ['simulation/simulate.ts', ...args]),
  screenshots: () => measured('build/screenshots.ts'),
};

ensureDependencies();
const run = tasks[task];
if (!run) {
  say(`Unknown task ${task}. There are: ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
process.exit(await run());

function checks() {
  for (const [tool, toolArgs] of lintSteps) {
    say(`› ${tool} ${toolArgs.join(' ')}`);
    const status = runTool(tool, toolArgs);
    if (status !== 0) return status;
  }
  return 0;
}

/**
 * Runs vitest and closes with what failed and one plain line of counts, whatever the reporters printed before. Without arguments the tests
 * that mostly wait (a reply that is late, a cable that is out) and the look at every screen run beside all others, as a
 * process of their own.
 */
async function runTests(chromium, vitestArgs) {
  const results = path.join(root, 'tests', '.results');
  mkdirSync(results, { recursive: true });
  const env = environment({ CHROMIUM: chromium });
  const vitest = (name, args) => {
    const report = path.join(results, `${name}.json`);
    rmSync(report, { force: true });
    return { report, args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args] };
  };
  if (vitestArgs.length > 0) {
    const { report, args } = vitest('report', vitestArgs);
    return sumUp([report], runTool('vitest', args, { env }));
  }
  const beside = vitest('report-beside', ['--project', 'patience', '--project', 'internet', '--project', 'screens']);
  // By itself vitest would run the quick ones one after the other on two cores. Those that drive browsers run singly all the same.
  const others = vitest('report', ['--maxWorkers=2', '--project', 'unit', '--project', 'contract', '--project', 'e2e']);
  const running = startTool('vitest', beside.args, { env, output: path.join(results, 'beside.txt') });
  const status = runTool('vitest', others.args, { env });
  say('The tests that ran beside these:');
  const ended = await running.ended;
  process.stdout.write(readFileSync(running.output));
  return sumUp([others.report, beside.report], status || ended);
}

function sumUp(reports, status) {
  if (!reports.every(existsSync)) return status || 1;
  const counts = reports.map((report) => JSON.parse(readFileSync(report, 'utf8')));
  for (const line of testSummary(counts)) console.log(line);
  if (counts.every(({ numTotalTests }) => numTotalTests === 0)) {
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
