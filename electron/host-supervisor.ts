// Runs the host process: starts it, starts it again when it died, and gives up when it keeps dying. What is asked meanwhile
// waits for the next process that opens. Promises: `close` ends within its bound, whatever the host does; a page that waits for a host
// gets it, and a call is answered or refused, however much waits.

import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron/main';
import type { LogEvent } from '../host/log-event.ts';
import type { CallInput, CallOutput, Handlers } from '../shared/ipc/calls.ts';
import { openRpcClient, type RpcClient, serveRpc } from '../shared/ipc/rpc.ts';
import type { Settings } from '../shared/ipc/settings.ts';
import { Fault } from '../shared/model/fault.ts';
import hostEnvironment from '../shared/model/host-environment.json' with { type: 'json' };
import { type HostProcessEvent, hostProcessStart, nextHostProcess } from './host-process-state.ts';
import {
  type HostCalls,
  type HostEvents,
  type PageRole,
  type ProcessMessage,
  type ShellCalls,
  shellCalls,
} from './process-calls.ts';
import { openProcessPort, type ProcessEnd } from './process-port.ts';

/** Journals are written as blocks arrive; what is left to do at the end takes far less. */
const closeMaxMs = 5_000;
/** Chromium sends a second signal, which no process can ignore, after two seconds. What is there after that waits for a disk that does not answer. */
const killedMaxMs = 3_000;
/** Calls and notes that wait for the host. */
const waitingMax = 64;

export type HostSupervisorOptions = {
  readonly entry: string;
  readonly open: CallInput<HostCalls, 'open'>;
  readonly services: Handlers<ShellCalls>;
  readonly onLanguage: (language: Settings['language']) => void;
  /** Another Tincan holds the data folder; it is not tried again. */
  readonly onFolderBusy: () => void;
  readonly onOpened: () => void;
  readonly onDied: () => void;
  readonly onGivenUp: (why: GivenUp) => void;
};

/** `unusable`: it could not open its data folder. */
export type GivenUp = 'stopped' | 'unusable';

export interface HostSupervisor {
  /** Hands the host its end of a channel that leads to the page. */
  serve(role: PageRole, port: MessagePortMain): void;
  /** Waits for a host that is open. */
  call<K extends keyof HostCalls & string>(name: K, input: CallInput<HostCalls, K>): Promise<CallOutput<HostCalls, K>>;
  note(event: LogEvent): void;
  isBusy(): boolean;
  /** After it was given up. */
  retry(): void;
  close(): Promise<void>;
}

type Running = { readonly process: UtilityProcess; readonly client: RpcClient<HostCalls, HostEvents> };
type Waiting = { use(host: Running): void; refuse(): void };

export function superviseHost(options: HostSupervisorOptions): HostSupervisor {
  let { state } = hostProcessStart;
  let running: Running | undefined;
  let isBusy = false;
  /** Of the last process. */
  let why: GivenUp = 'stopped';
  const waiting: Waiting[] = [];
  /** Of the page that asked last. */
  const ports = new Map<PageRole, MessagePortMain>();

  function handle(event: HostProcessEvent): void {
    const next = nextHostProcess(state, event);
    state = next.state;
    for (const effect of next.effects) {
      if (effect === 'start') start();
      else if (effect === 'tell-given-up') options.onGivenUp(why);
      else serveWaiting();
    }
  }

  function start(): void {
    const child = utilityProcess.fork(options.entry, [], {
      serviceName: 'Tincan files',
      stdio: 'inherit',
      env: { ...process.env, ...hostEnvironment },
    });
    const end = endOf(child);
    const client = openRpcClient<HostCalls, HostEvents>(openProcessPort(end, 'host'));
    serveRpc<ShellCalls, Record<never, never>>(openProcessPort(end, 'shell'), {
      calls: shellCalls,
      handlers: options.services,
    });
    client.on('busy', (told) => {
      isBusy = told.isBusy;
    });
    client.on('language', ({ language }) => options.onLanguage(language));
    running = { process: child, client };
    why = 'stopped';
    child.once('exit', () => {
      running = undefined;
      isBusy = false;
      const isDeath = state.at !== 'closed';
      if (isDeath) options.onDied();
      handle({ is: 'died', nowMs: performance.now() });
    });
    client.call('open', options.open).then(
      ({ language }) => {
        if (state.at === 'closed') return;
        options.onLanguage(language);
        handle({ is: 'opened' });
        options.onOpened();
      },
      (error: unknown) => {
        // `close` is under way, and ends this process itself.
        if (state.at === 'closed') return;
        if (error instanceof Fault && error.code === 'bridge-busy') {
          handle({ is: 'close' });
          options.onFolderBusy();
        }
        if (isOfDisk(error)) why = 'unusable';
        // A host that cannot open its folder is of no more use than one that died.
        child.kill();
      },
    );
  }

  /** Whatever is asked of a host that is not open waits for the next one. */
  function whenOpen(asked: Waiting): void {
    if (state.at === 'running' && running !== undefined) asked.use(running);
    else if (state.at !== 'closed' && waiting.length < waitingMax) waiting.push(asked);
    else asked.refuse();
  }

  function serveWaiting(): void {
    const opened = running!;
    for (const [role, port] of ports) handPort(opened, role, port);
    ports.clear();
    for (const { use } of waiting.splice(0)) use(opened);
  }

  function handPort({ process }: Running, role: PageRole, port: MessagePortMain): void {
    process.postMessage({ to: 'page', role } satisfies ProcessMessage, [port]);
  }

  function serve(role: PageRole, port: MessagePortMain): void {
    if (state.at === 'running' && running !== undefined) handPort(running, role, port);
    else {
      ports.get(role)?.close();
      ports.set(role, port);
    }
  }

  start();
  return {
    serve,
    call: (name, input) =>
      new Promise((resolve, reject) => {
        whenOpen({
          use: ({ client }) => void client.call(name, input).then(resolve, reject),
          refuse: () => reject(new Fault('bridge-busy', `${name}: too much waits for the host, or it is closed`)),
        });
      }),
    note: (event) =>
      whenOpen({
        use: ({ client }) => void client.call('note', { event }).catch(() => undefined),
        refuse: () => undefined,
      }),
    isBusy: () => isBusy,
    retry: () => handle({ is: 'retry' }),
    async close() {
      handle({ is: 'close' });
      for (const { refuse } of waiting.splice(0)) refuse();
      if (running === undefined) return;
      const { process, client } = running;
      const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
      await Promise.race([client.call('close', {}).catch(() => undefined), ended, after(closeMaxMs)]);
      if (process.kill()) await Promise.race([ended, after(killedMaxMs)]);
    },
  };
}

function isOfDisk(error: unknown): boolean {
  return error instanceof Fault && (error.code.startsWith('disk-') || error.code === 'data-folder-full');
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => resolve());
  });
}

function endOf(child: UtilityProcess): ProcessEnd {
  return {
    post: (message) => child.postMessage(message),
    onMessage(listener) {
      child.on('message', listener);
      return () => child.off('message', listener);
    },
    onEnd(listener) {
      child.once('exit', listener);
      return () => child.off('exit', listener);
    },
  };
}
