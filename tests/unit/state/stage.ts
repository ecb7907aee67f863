// The store on stand-ins: what came over the wire is told by hand, what the window and the host were told is kept.

import type { EngineEvent } from '../../../engine/commands.ts';
import { facts, openStage, settings } from '../../../renderer/gallery/fake-ports.ts';
import { plan } from '../../../renderer/gallery/scenes.ts';
import { openApp, type Tincan } from '../../../renderer/state/open-app.ts';
import type { Ports } from '../../../renderer/state/ports.ts';
import type { UiEvents } from '../../../shared/ipc/contract.ts';
import type { AppFacts, HostItem } from '../../../shared/ipc/views.ts';
import type { LinkView } from '../../../shared/model/link-view.ts';
import type { TransferId, TransferView } from '../../../shared/model/transfer.ts';

export type HostCall = { readonly name: string; readonly input: unknown };

export type Bench = {
  readonly tincan: Tincan;
  readonly ports: Ports;
  readonly emit: (event: EngineEvent) => void;
  readonly commands: readonly { readonly do: string }[];
  readonly titles: string[];
  readonly calls: HostCall[];
  readonly window: { hidden: boolean };
  /** What the browser was asked to show. */
  readonly notices: { readonly title: string; readonly body: string }[];
  /** How often the browser was asked whether it may. */
  readonly asked: { toNotify: number };
  readonly sounds: { count: number };
  readonly answers: Map<string, unknown>;
  /** The clock of everything that is throttled. */
  readonly clock: { ms: number };
  readonly show: (view: LinkView) => void;
  /** As the host does. */
  readonly tell: <K extends keyof UiEvents>(name: K, payload: UiEvents[K]) => void;
  /** What was answered to the digits. */
  readonly settles: string[];
  /** As a person picks them. */
  readonly pick: (items: readonly HostItem[]) => Promise<void>;
  /** Runs what is due by then. */
  readonly runTimers: (afterMs: number) => void;
};

export function openBench(
  shell: AppFacts['shell'] = 'browser',
  instead: Partial<Ports> = {},
  more: Partial<AppFacts> = {},
): Bench {
  const stage = openStage(
    { at: 'linked', peer: { name: 'Ben', trust: { at: 'settled', digits: '402917', checked: 'matched' } } },
    [],
    plan,
  );
  const titles: string[] = [];
  const calls: HostCall[] = [];
  const answers = new Map<string, unknown>();
  const window = { hidden: false };
  const notices: { title: string; body: string }[] = [];
  const asked = { toNotify: 0 };
  const sounds = { count: 0 };
  const clock = { ms: 0 };
  const timers = new Set<{ readonly atMs: number; readonly task: () => void }>();
  const settles: string[] = [];
  const { host } = stage.ports;
  const hostListeners = new Map<string, (payload: never) => void>();
  const ports: Ports = {
    ...stage.ports,
    clock: {
      ...stage.ports.clock,
      now: () => clock.ms,
      after(ms, task) {
        const timer = { atMs: clock.ms + ms, task };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    link: {
      ...stage.ports.link,
      confirmVerification: (choice) => settles.push(choice),
      // Whoever is called is still being looked for.
      callRemembered: () => new Promise(() => undefined),
    },
    ...instead,
    window: {
      ...stage.ports.window,
      ...instead.window,
      isLookedAt: () => !window.hidden,
      setTitle: (title) => titles.push(title),
      notify: (title, body) => notices.push({ title, body }),
      askToNotify: () => {
        asked.toNotify += 1;
      },
      playSound: () => {
        sounds.count += 1;
      },
    },
    host: {
      ...host,
      call: (name, input) => {
        calls.push({ name, input });
        return answers.has(name) ? Promise.resolve(answers.get(name) as never) : host.call(name, input);
      },
      on: (name, listener) => {
        hostListeners.set(name, listener);
        return () => hostListeners.delete(name);
      },
    },
  };
  const tincan = openApp(ports, { ...facts, shell, settings, ...more });
  const runTimers = (afterMs: number) => {
    clock.ms += afterMs;
    for (const timer of [...timers].filter(({ atMs }) => atMs <= clock.ms)) {
      timers.delete(timer);
      timer.task();
    }
  };
  return {
    tincan,
    ports,
    show: stage.show,
    tell: (name, payload) => hostListeners.get(name)?.(payload as never),
    settles,
    async pick(items) {
      answers.set('stage.pick', items);
      await tincan.actions.pick('files');
    },
    runTimers,
    emit: stage.emit,
    commands: stage.commands,
    titles,
    calls,
    window,
    notices,
    asked,
    sounds,
    answers,
    clock,
  };
}

export const idOf = (at: number): TransferId => at.toString(16).padStart(32, '0');

export function transfer(at: number, change: Partial<TransferView>): EngineEvent {
  const bytes = 1000;
  return {
    is: 'transfer',
    view: {
      id: idOf(at),
      direction: 'send',
      state: 'sending',
      title: `file ${at}`,
      totals: { files: 1, folders: 0, bytes },
      wantedBytes: bytes,
      wantedFiles: 1,
      startedAtMs: 0,
      fileFaults: [],
      fileFaultCount: 0,
      skippedCount: 0,
      resumable: true,
      ...change,
    },
  };
}

export function progress(at: number, bytesDone: number): EngineEvent {
  return {
    is: 'progress',
    transfers: [{ id: idOf(at), bytesDone, bytesTotal: 1000, filesDone: 0, bytesPerSecond: 0 }],
    lanes: [],
  };
}
