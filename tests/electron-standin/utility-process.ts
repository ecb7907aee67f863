// Main's side of utility processes: each is a real child process, with ports that other processes dial directly.

import { type ChildProcess, fork as forkNode } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { deserialize, type MessagePortMain, type PortTicket, serialize } from './ports.ts';

export type ToUtility = { readonly bytes: Uint8Array; readonly ports: readonly PortTicket[] };
export type FromUtility =
  | { readonly is: 'listening'; readonly origin: string }
  | { readonly is: 'message'; readonly bytes: Uint8Array };

type ForkOptions = {
  readonly serviceName?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly execArgv?: readonly string[];
  readonly stdio?: string | readonly string[];
};

const register = fileURLToPath(new URL('register.mjs', import.meta.url));
const stdioKinds = ['ignore', 'inherit', 'pipe'];

/** For tests: those that run. */
export const utilities = new Set<UtilityProcess>();

export class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #origin: Promise<string>;
  #pid: number | undefined;
  #wasKilled = false;

  constructor(modulePath: string, args: readonly string[], options: ForkOptions) {
    super();
    const { stdio = 'inherit' } = options;
    const [stdin, stdout, stderr] = typeof stdio === 'string' ? ['ignore', stdio, stdio] : stdio;
    if (stdin !== 'ignore') throw new Error('stdin value other than ignore is not supported.');
    for (const kind of [stdout, stderr]) {
      if (!stdioKinds.includes(kind ?? ''))
        throw new Error('stdio must be of the following values: inherit, pipe, ignore');
    }
    const env = { ...(options.env ?? process.env), STANDIN_UTILITY: '1' };
    this.#child = forkNode(modulePath, [...args], {
      execArgv: ['--import', register, ...(options.execArgv ?? [])],
      stdio: ['ignore', stdout as 'inherit', stderr as 'inherit', 'ipc'],
      serialization: 'advanced',
      env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    const origin = Promise.withResolvers<string>();
    origin.promise.catch(() => undefined);
    this.#origin = origin.promise;
    utilities.add(this);
    this.#child.once('spawn', () => {
      this.#pid = this.#child.pid;
      this.emit('spawn');
    });
    this.#child.on('message', (message: FromUtility) => {
      if (message.is === 'listening') origin.resolve(message.origin);
      else this.emit('message', deserialize(message.bytes));
    });
    this.#child.once('exit', (code, signal) => {
      utilities.delete(this);
      this.#pid = undefined;
      origin.reject(new Error('the utility process ended'));
      // On POSIX a process that was asked to end counts as one that ended well.
      this.emit('exit', this.#wasKilled ? 0 : (code ?? constants.signals[signal as NodeJS.Signals]));
    });
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get stdout() {
    return this.#child.stdout;
  }

  get stderr() {
    return this.#child.stderr;
  }

  postMessage(message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const bytes = serialize(message);
    const ports = transfer.map((port) => port.moveToUtility(this.#origin));
    if (this.#child.connected) this.#child.send({ bytes, ports } satisfies ToUtility);
  }

  kill(): boolean {
    if (this.#pid === undefined) return false;
    this.#wasKilled = true;
    return this.#child.kill('SIGTERM');
  }
}
