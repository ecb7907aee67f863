// Starts the real shell once on a module that records (electron-fake.ts), with a host process that counts. The file that calls
// this has put that module in Electron's place before.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type HostEvents,
  hostCalls,
  type PageRole,
  type ProcessMessage,
  type ShellCalls,
} from '../../../electron/process-calls.ts';
import { openProcessPort, type ProcessEnd } from '../../../electron/process-port.ts';
import type { LogEvent } from '../../../host/log-event.ts';
import { openRpcClient, type RpcClient, type RpcServer, serveRpc } from '../../../shared/ipc/rpc.ts';
import type { Settings } from '../../../shared/ipc/settings.ts';
import type { Fault } from '../../../shared/model/fault.ts';
import * as fake from './electron-fake.ts';

export const page = 'app://bundle/index.html';

/** The one that was received, and where it lies. */
export const receivedTransfer = 'ab'.repeat(16);
export const receivedFile = '/home/anna/Downloads/song.bin';

export type FakeShell = {
  readonly folder: string;
  /** As the host process uses them. */
  readonly services: RpcClient<ShellCalls, Record<never, never>>;
  readonly staged: (readonly string[])[];
  /** Numbers of what was opened and is not looked at yet. */
  readonly expected: number[];
  /** How often each of what it looked at had been told of. */
  readonly told: number[];
  /** Until then the host looks at what was opened. */
  readonly slowDisk: { answers: Promise<void> };
  /** Why the host stages nothing the next time. */
  readonly stageFault: { next: Fault | undefined };
  /** What the page was asked to let the person pick. */
  readonly picked: string[];
  readonly links: string[];
  readonly woken: string[];
  readonly noted: LogEvent[];
  readonly served: { readonly role: PageRole; readonly port: unknown }[];
  readonly opened: unknown[];
  readonly host: { closed: number; tell: RpcServer<HostEvents> };
  setBusy(isBusy: boolean): Promise<void>;
  window(): fake.BrowserWindow;
  ourEvent(): { readonly sender: unknown; readonly senderFrame: unknown };
  remove(): void;
};

export async function startFakeShell(
  language: Settings['language'] = 'system',
  argumentsIn: (folder: string) => readonly string[] = () => [],
): Promise<FakeShell> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-shell-'));
  mkdirSync(path.join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'renderer/index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'renderer/assets/page.js'), '1');
  writeFileSync(path.join(folder, 'renderer/assets/page.js.map'), '{}');
  writeFileSync(path.join(folder, 'secret.txt'), 'secret');
  process.argv = ['tincan', ...argumentsIn(folder)];
  fake.app.paths.set('userData', path.join(folder, 'data'));
  const seen = {
    staged: [] as (readonly string[])[],
    expected: [] as number[],
    told: [] as number[],
    slowDisk: { answers: Promise.resolve() },
    stageFault: { next: undefined as Fault | undefined },
    picked: [] as string[],
    links: [] as string[],
    woken: [] as string[],
    noted: [] as LogEvent[],
    served: [] as FakeShell['served'],
    opened: [] as unknown[],
    host: { closed: 0 } as FakeShell['host'],
  };
  const ready = Promise.withResolvers<FakeShell['services']>();
  fake.onFork.run = (child) => {
    const end: ProcessEnd = {
      post: (message) => queueMicrotask(() => child.emit('message', structuredClone(message))),
      onMessage(listener) {
        child.toHost.on('message', listener);
        return () => child.toHost.off('message', listener);
      },
      onEnd: () => () => undefined,
    };
    child.toHost.on('message', (message: ProcessMessage, [port]: readonly unknown[]) => {
      if (message.to === 'page') seen.served.push({ role: message.role, port });
    });
    seen.host.tell = serveRpc<typeof hostCalls, HostEvents>(openProcessPort(end, 'host'), {
      calls: hostCalls,
      handlers: {
        open: (options) => {
          seen.opened.push(options);
          return { language };
        },
        stagePaths: ({ paths }) => {
          const fault = seen.stageFault.next;
          seen.stageFault.next = undefined;
          if (fault !== undefined) throw fault;
          seen.staged.push(paths);
          return [];
        },
        expectOpened: ({ batch }) => void seen.expected.push(batch),
        stageOpened: async ({ told, paths }) => {
          seen.told.push(told);
          seen.staged.push(paths);
          await seen.slowDisk.answers;
        },
        pick: ({ kind }) => void seen.picked.push(kind),
        received: ({ transfer }) => (transfer === receivedTransfer ? receivedFile : null),
        offerCodeLink: ({ text }) => void seen.links.push(text),
        screenLocked: () => undefined,
        woke: () => void seen.woken.push('woke'),
        note: ({ event }) => void seen.noted.push(event),
        close: () => {
          seen.host.closed += 1;
        },
      },
    });
    ready.resolve(openRpcClient<ShellCalls, Record<never, never>>(openProcessPort(end, 'shell')));
  };
  const { startShell } = await import('../../../electron/shell.ts');
  await startShell({ dist: folder });
  const services = await ready.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  const window = () => fake.windows[0]!;
  return {
    folder,
    services,
    ...seen,
    setBusy: async (isBusy) => {
      seen.host.tell.emit('busy', { isBusy });
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    window,
    ourEvent: () => ({ sender: window().webContents, senderFrame: window().webContents.mainFrame }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
