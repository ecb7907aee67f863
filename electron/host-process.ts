// The utility process in which the host runs: files, hashing, journals and the local network. It gets one end of a channel for
// each role, the page has the other, so no byte of a file passes through main.

import originalFs from 'original-fs';
import { type HeldDataDir, holdDataDirSoon } from '../host/data-folder.ts';
import type { Host } from '../host/host.ts';
import { openDisk } from '../host/open-disk.ts';
import { openHost } from '../host/open-host.ts';
import { systemClock } from '../host/system-clock.ts';
import { watchMachine } from '../host/watch-machine.ts';
import type { CallInput } from '../shared/ipc/calls.ts';
import { openRpcClient, serveRpc } from '../shared/ipc/rpc.ts';
import type { Settings } from '../shared/ipc/settings.ts';
import { Fault } from '../shared/model/fault.ts';
import { openPagePort } from './page-port.ts';
import { openPageServer, type PageServer } from './page-server.ts';
import { type HostCalls, type HostEvents, hostCalls, type ProcessMessage, type ShellCalls } from './process-calls.ts';
import { openProcessPort, type ProcessEnd } from './process-port.ts';
import { openRemoteServices } from './remote-services.ts';
import { reportBusy } from './report-busy.ts';

// Electron's `fs` takes each file named *.asar for a folder; here it is a person's file like any other.
process.noAsar = true;

const { parentPort } = process;
const main: ProcessEnd = {
  post: (message) => parentPort.postMessage(message),
  onMessage(listener) {
    const take = ({ data }: { readonly data: ProcessMessage }) => listener(data);
    parentPort.on('message', take);
    return () => parentPort.off('message', take);
  },
  // Electron ends this process when main is gone.
  onEnd: () => () => undefined,
};

type Opened = {
  readonly host: Host;
  readonly page: PageServer;
  readonly machine: { close(): void };
  readonly held: HeldDataDir;
};
let opening: Promise<Opened> | undefined;
let opened: Opened | undefined;
const required = (): Opened => {
  if (opened === undefined) throw new Fault('bridge-closed', 'the host is not open');
  return opened;
};

const shell = openRpcClient<ShellCalls, Record<never, never>>(openProcessPort(main, 'shell'));
const server = serveRpc<typeof hostCalls, HostEvents>(openProcessPort(main, 'host'), {
  calls: hostCalls,
  handlers: {
    async open(input) {
      opening = openEverything(input);
      opened = await opening;
      const { settings } = await opened.host.ui['app.facts']({});
      return { language: settings.language };
    },
    stagePaths: ({ paths }) => required().host.stagePaths(paths),
    expectOpened: ({ batch }) => required().host.expectOpened(batch),
    stageOpened: (opened) => required().host.stageOpened(opened),
    pick: ({ kind }) => required().host.pick(kind),
    received: async ({ transfer }) => (await required().host.received(transfer)) ?? null,
    offerCodeLink: ({ text }) => required().host.offerCodeLink(text),
    screenLocked: () => required().host.screenLocked(),
    woke: () => required().host.networkChanged('woke'),
    note: ({ event }) => required().host.note(event),
    async close() {
      // Whoever quits right after the start finds it half open.
      await opening;
      const { host, page, machine, held } = required();
      machine.close();
      await page.close();
      await host.close();
      held.close();
    },
  },
});

parentPort.on(
  'message',
  ({ data, ports }: { readonly data: ProcessMessage; readonly ports: Electron.MessagePortMain[] }) => {
    const [port] = ports;
    if (data.to === 'page' && port !== undefined) void required().page.serve(data.role, openPagePort(port));
  },
);

async function openEverything({ dataDir, downloadDir, version }: CallInput<HostCalls, 'open'>): Promise<Opened> {
  const disk = openDisk(originalFs);
  const held = await holdDataDirSoon(disk, dataDir, {
    clock: systemClock,
    // Whoever starts a second one by hand sees no more than a window without a code for as long as that takes.
    onWait: () => console.error(`Tincan waits for another Tincan to end: it is using ${dataDir}`),
  });
  const plain = await openHost({
    dataDir,
    version,
    disk,
    services: openRemoteServices(shell),
    ...(downloadDir === undefined ? {} : { downloadDir }),
  });
  const host = reportBusy(plain, (isBusy) => server.emit('busy', { isBusy }));
  host.onUiEvent((name, payload) => {
    if (name === 'settings-changed') server.emit('language', { language: (payload as Settings).language });
  });
  // The computer's waking is main's to tell: it hears of it from the system.
  const machine = watchMachine({
    networkChanged: (why) => {
      if (why === 'addresses') host.networkChanged(why);
    },
  });
  return { host, page: openPageServer(host), machine, held };
}
