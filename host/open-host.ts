// Puts the host together: the sending half, the receiving half, what is kept, what goes over the network. A shell opens one and
// serves its handlers. `ui/` answers the calls of the page, group by group.

import type { EngineEvents, UiEvents } from '../shared/ipc/contract.ts';
import type { PickRequest } from '../shared/ipc/views.ts';
import { Fault, toFaultView } from '../shared/model/fault.ts';
import { openBlockMemory } from './block-memory.ts';
import { defaultDownloadDir } from './default-folders.ts';
import { openDirectLane } from './direct/direct-lane.ts';
import { removeTemporaries } from './disk/atomic-file.ts';
import { EventListeners } from './event-listeners.ts';
import { openHistory } from './history.ts';
import type { Host, HostOptions } from './host.ts';
import { openLastPeer } from './lan/last-peer.ts';
import { addressesByNetwork } from './lan/own-addresses.ts';
import { openRememberedComputers } from './lan/remembered-computers.ts';
import { openLog } from './log.ts';
import { type LogEvent, versionNumbers } from './log-event.ts';
import { logTransfers } from './log-transfers.ts';
import { openDisk } from './open-disk.ts';
import { RunSettings } from './run-settings.ts';
import { openSettings } from './settings.ts';
import { openDestinations } from './sink/destination.ts';
import { quarantineMarks } from './sink/quarantine-marks.ts';
import { openReceiving } from './sink/receive-service.ts';
import { openSending } from './source/send-service.ts';
import { systemClock } from './system-clock.ts';
import { folderPicker } from './ui/folder-picker.ts';
import { openNetworkServices } from './ui/network-services.ts';
import { ReceivedFiles } from './ui/received-files.ts';
import { peerToCall, rememberedCalls } from './ui/remembered-calls.ts';
import { settingsCalls } from './ui/settings-calls.ts';
import { shellCalls } from './ui/shell-calls.ts';
import { unfinishedCalls } from './ui/unfinished-calls.ts';

export async function openHost(options: HostOptions): Promise<Host> {
  const { dataDir, services, version, disk = openDisk(), clock = systemClock } = options;
  await disk.makeFolders(dataDir, 0o700);
  await removeTemporaries(disk, dataDir).catch(() => undefined);
  const log = openLog(disk.blocking, dataDir);
  const note = (event: LogEvent) => log.write(event);
  note({ is: 'started', shell: services.kind, platform: process.platform, version: versionNumbers(version) });
  const uiEvents = new EventListeners<UiEvents>();
  const engineEvents = new EventListeners<EngineEvents>();
  const { emit } = uiEvents;

  const kept = await openSettings(disk, dataDir, defaultDownloadDir());
  const settings = new RunSettings(kept, options.downloadDir);
  const history = await openHistory(disk, dataDir);
  const received = new ReceivedFiles({ disk, history, services });
  const destinations = openDestinations({ ...options, disk });
  const pickFolder = folderPicker(services, settings);
  const memory = openBlockMemory(systemClock);
  const sending = await openSending({ disk, dataDir, memory });
  const receiving = openReceiving({
    disk,
    clock,
    dataDir,
    destinations,
    defaultDestination: async () => {
      const view = await destinations.admit(settings.get().downloadDir, { make: true });
      return destinations.find(view.id);
    },
    keepExecutable: () => settings.get().keepExecutable,
    marks: options.marks ?? quarantineMarks(process.platform),
    trash: (file) => services.trash(file),
    onUnfinishedChanged: () => emit('unfinished-changed', null),
    isReceived: (id) => received.isReceived(id),
    onLanded: (id, where) => received.note(id, where),
    ...(options.freeBytesCap === undefined ? {} : { freeBytesCap: options.freeBytesCap }),
    ...(options.writeDelayMs === undefined ? {} : { writeDelayMs: options.writeDelayMs }),
  });
  const network = openNetworkServices({ disk, clock: systemClock, settings, services, emit });
  const direct = openDirectLane({
    blocks: { reads: sending.reads, write: receiving.write },
    clock: systemClock,
    memory,
    isOn: () => settings.get().directLane,
    outside: network.lanePorts,
    emit: engineEvents.emit,
  });
  const remembered = await openRememberedComputers({
    disk,
    dataDir,
    ...(services.secrets === undefined ? {} : { secrets: services.secrets }),
    isOn: () => settings.get().nearKnown,
    onChange: (peers) => emit('remembered-changed', peers),
    onRequest: (request) => emit('remembered-call', request),
  });
  const lastPeer = await openLastPeer(disk, dataDir);
  const withRemembered = { remembered, lastPeer, destinations, settings, pickFolder };
  const unfinished = unfinishedCalls({
    ...{ sending, receiving, destinations, settings, history, received },
    pickFolder,
    emit,
  });
  let codeLink: string | undefined;
  /** The shell was asked to send, and no page has shown the dialog yet. */
  let toPick: PickRequest | undefined;
  let picks = 0;
  const removing = (await receiving.findLeftovers())();

  /** Everything that a setting turns on or off. */
  async function applySettings(): Promise<void> {
    await network.settingsChanged();
    if (!settings.get().directLane) await direct.close();
    remembered.refresh();
  }

  const ui: Host['ui'] = {
    'app.facts': async () => {
      const callAtStart = await peerToCall(withRemembered);
      const pick = toPick;
      toPick = undefined;
      return {
        version,
        shell: services.kind,
        platform: process.platform,
        settings: settings.get(),
        staged: sending.staged(),
        dialogs: services.dialogs,
        folderDialog: services.folderDialog,
        router: network.routerView(),
        networks: addressesByNetwork(),
        ...(codeLink === undefined ? {} : { codeLink }),
        ...(callAtStart === undefined ? {} : { lastPeer: callAtStart }),
        ...(pick === undefined ? {} : { pick }),
      };
    },
    ...settingsCalls({ settings, destinations, pickFolder, emit, applied: applySettings }),
    'stage.pick': async ({ kind }) => {
      toPick = undefined;
      if (!services.dialogs) throw new Fault('bridge-refused', 'there are no dialogs in this shell');
      const paths = kind === 'files' ? await services.pickFiles() : await services.pickFolderToSend();
      return sending.stage(paths);
    },
    'stage.remove': ({ id }) => sending.unstage(id),
    'stage.again': ({ transfer }) => sending.again(transfer),
    ...receiving.ui,
    ...rememberedCalls(withRemembered),
    ...received.calls,
    ...unfinished.ui,
    'history.list': () => history.list(),
    'history.clear': () => history.clear(),
    'history.addNotes': async ({ peerName, notes }) => {
      const { history: isKept, keepNotes } = settings.get();
      if (isKept && keepNotes) await history.addNotes(peerName, notes);
    },
    ...shellCalls({ services, settings, version, isKeychainLocked: () => remembered.isLocked() }),
  };

  return {
    stagePaths: (paths) => sending.stage(paths),
    expectOpened: (batch) => emit('opening', { batch }),
    async stageOpened({ paths, ...of }) {
      try {
        emit('staged', { ...of, items: await sending.stage(paths) });
      } catch (error) {
        emit('staged', { ...of, items: [], fault: toFaultView(error) });
        throw error;
      }
    },
    onUiEvent: (listener) => uiEvents.add(listener),
    onEngineEvent: (listener) => engineEvents.add(listener),
    pick(kind) {
      picks += 1;
      toPick = { kind, nth: picks };
      emit('pick', toPick);
    },
    received: (transfer) => received.present(transfer),
    offerCodeLink(text) {
      codeLink = text;
      emit('code-link', { text });
    },
    screenLocked: () => emit('screen-locked', null),
    networkChanged(why) {
      remembered.refresh();
      if (why === 'addresses') network.addressesChanged();
      emit('network-changed', { why });
      note({ is: 'network-changed', why });
    },
    note,
    isBusy: () => receiving.live() || sending.live(),
    async engineGone() {
      note({ is: 'engine-gone' });
      await direct.close();
      await Promise.all([receiving.park(), sending.park()]);
      emit('unfinished-changed', null);
    },
    async close() {
      await Promise.all([direct.close(), network.close()]);
      await remembered.close();
      await Promise.all([receiving.park(), sending.close(), removing]);
      // The program ends next: what somebody asked for a moment ago would be lost.
      await Promise.all([kept.idle(), history.idle(), lastPeer.idle()]);
      note({ is: 'stopped' });
      log.close();
    },
    ui,
    openPage() {
      const page = network.openPage();
      return { ui: { ...ui, ...page.calls }, gone: page.gone };
    },
    engine: logTransfers(
      {
        ...sending.handlers,
        ...receiving.engine,
        ...direct.handlers,
        ...unfinished.engine,
        'history.add': async ({ transfer, ...item }) => {
          if (!settings.get().history) return;
          await history.add({ ...item, id: transfer, endedAtMs: Date.now(), landedAt: received.landedNow(transfer) });
        },
      },
      log,
    ),
  };
}
