// Starts Electron, and the browser shell in its place where Electron dies of a forbidden sandbox. Both are
// `{ program, args, env }`. The exit status of this process is that of the program that ran last.

import { spawn } from 'node:child_process';
import { handOnSignals } from './hand-on-signals.mjs';
import { diedOfSandbox, sandboxRemedy } from './sandbox.mjs';

const endedOnRequest = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function openApp({ electron, browserShell }) {
  if (!electron) return run(browserShell, exitAs);
  const startedAt = performance.now();
  run(electron, (ended) => {
    if (!diedOfSandbox({ ...ended, livedMs: performance.now() - startedAt })) return exitAs(ended);
    say(`Electron ended right after its start. ${sandboxAdvice(electron.program)}`);
    run(browserShell, exitAs);
  });
}

export function sandboxAdvice(program) {
  return `This Linux blocks the protection (sandbox) that Electron needs. Tincan opens in your browser instead. To get the app window, run this once and start Tincan again: ${sandboxRemedy(program)}`;
}

function run({ program, args, env }, onEnd) {
  const child = spawn(program, args, { stdio: 'inherit', env });
  const signals = handOnSignals(child);
  child.on('exit', (code, signal) => {
    signals.stop();
    // Somebody asked Tincan to end: what looks like an early death is the answer to that.
    if (signals.asked()) exitAs({ code, signal });
    else onEnd({ code, signal });
  });
  child.on('error', (error) => {
    say(`Tincan could not start: ${error.message}`);
    process.exit(1);
  });
}

function exitAs({ code, signal }) {
  process.exit(code ?? (endedOnRequest.includes(signal) ? 0 : 1));
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
