// Puts the host together: settings, history, the sending half, the receiving half. A shell opens one and serves its handlers.

import { release } from 'node:os';
import path from 'node:path';
import type { EngineEvents, UiEvents } from '../shared/ipc/contract.ts';
import { Fault } from '../shared/model/fault.ts';
import { defaultDownloadDir } from './default-folders.ts';
import { openDirectLane } from './direct/direct-lane.ts';
import { removeTemporaries } from './disk/atomic-file.ts';
import { openRealDisk } from './disk/real-disk.ts';
import { openHistory } from './history.ts';
import type { Host, HostOptions, UiEventName } from './host.ts';
import { openLastPeer } from './lan/last-peer.ts';
import { openPhonePage } from './lan/phone-page.ts';
import { phonePlace } from './lan/phone-place.ts';
import { openRememberedComputers } from './lan/remembered-computers.ts';
import { openReplyDelivery } from './lan/reply-delivery.ts';
import { openLog } from './log.ts';
import { type LogEvent, versionNumbers } from './log-event.ts';
import { logTransfers } from './log-transfers.ts';
import { mayRunPrograms, webLink } from './open-received.ts';
import { openBothFamilies } from './router/both-families.ts';
import { defaultGateway } from './router/default-gateway.ts';
import { defaultGatewayV6 } from './router/default-gateway-v6.ts';
import { protocolsV4, protocolsV6 } from './router/find-router.ts';
import { lanePorts, replyPorts } from './router/outside-ports.ts';
import { openPagePorts } from './router/page-ports.ts';
import { openRouter } from './router/router.ts';
import { openSettings } from './settings.ts';
import { openDestinations } from './sink/destination.ts';
import { quarantineMarks } from './sink/quarantine-marks.ts';
import { openReceiving } from './sink/receive-service.ts';
import { openSending } from './source/send-service.ts';
import { systemClock } from './system-clock.ts';

type EngineListener = <K extends keyof EngineEvents & string>(name: K, payload: EngineEvents[K]) => void;
type Listener = <K extends UiEventName>(name: K, payload: UiEvents[K]) => void;

export async function openHost(options: HostOptions): Promise<Host> {
  const { dataDir, services, version, disk = openRealDisk(), clock = systemClock } = options;
  await disk.makeFolders(dataDir, 0o700);
  await removeTemporaries(disk, dataDir).catch(() => undefined);
  const log = openLog(disk.blocking, dataDir);
  const note = (event: LogEvent) => log.write(event);
  note({ is: 'started', shell: services.kind, platform: process.platform, version: versionNumbers(version) });
  const settings = await openSettings(disk, dataDir, defaultDownloadDir());
  const history = await openHistory(disk, dataDir);
  const destinations = openDestinations({ ...options, disk });
  const sending = await openSending({ disk, dataDir });
  const listeners = new Set<Listener>();
  const engineListeners = new Set<EngineListener>();
  const landed = new Map<string, string>();
  function landedAt(transfer: string): string {
    const where = landed.get(transfer) ?? history.landedAt(transfer);
    if (where === undefined) throw new Fault('transfer-unknown', 'it is not known where this landed');
    return where;
  }
  /** Where it landed, if that is still there and no link: one that took its place may lead to anything. */
  async function received(transfer: string): Promise<string | undefined> {
    const where = landed.get(transfer) ?? history.landedAt(transfer);
    const facts = where === undefined ? undefined : await disk.facts(where).catch(() => undefined);
    return facts?.kind === 'file' || facts?.kind === 'folder' ? where : undefined;
  }
  async function stillThere(transfer: string): Promise<string> {
    landedAt(transfer);
    const where = await received(transfer);
    if (where === undefined) throw new Fault('source-missing', 'what was received is not there any more');
    return where;
  }
  let codeLink: string | undefined;
  const emit: Listener = (name, payload) => {
    for (const listener of listeners) listener(name, payload);
  };
  let downloadDirOfRun = options.downloadDir;
  const downloadDir = () => downloadDirOfRun ?? settings.get().downloadDir;
  const shownSettings = () => ({ ...settings.get(), downloadDir: downloadDir() });

  const router = openBothFamilies(
    (family, onView) =>
      openRouter({
        clock: systemClock,
        isOn: () => settings.get().internet && settings.get().askRouter,
        findGateway: () => (family === 4 ? defaultGateway : defaultGatewayV6)(process.platform, disk),
        protocols: family === 4 ? protocolsV4 : protocolsV6,
        onView,
        onMoved: () => emit('router-moved', null),
      }),
    (view) => emit('router-changed', view),
  );
  const pagePorts = openPagePorts(router);

  const delivery = openReplyDelivery({
    isOn: () => settings.get().nearReplies,
    onReply: (text) => emit('near-reply', { text }),
    mayLeave: () => settings.get().internet,
    outside: replyPorts(router),
  });

  const phone = openPhonePage({
    clock: systemClock,
    guestPage: () => services.guestPage(),
    findPlace: async () => phonePlace((await defaultGateway(process.platform, disk))?.ownAddress),
    onReply: (text) => emit('near-reply', { text }),
    onClosed: (why) => emit('phone-closed', { why }),
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
  /** Whom to call at the start: nobody where computers that are remembered shall not find this one. */
  async function peerToCall(): Promise<string | undefined> {
    const id = settings.get().nearKnown ? lastPeer.id() : undefined;
    if (id === undefined) return undefined;
    return (await remembered.list()).find((each) => each.id === id && !each.blocked)?.id;
  }

  const receiving = openReceiving({
    disk,
    clock,
    dataDir,
    destinations,
    defaultDestination: async () => {
      const view = await destinations.admit(downloadDir(), { make: true });
      return destinations.find(view.id);
    },
    keepExecutable: () => settings.get().keepExecutable,
    marks: options.marks ?? quarantineMarks(process.platform),
    trash: (file) => services.trash(file),
    onUnfinishedChanged: () => emit('unfinished-changed', null),
    onLanded: (id, where) => landed.set(id, where),
    ...(options.freeBytesCap === undefined ? {} : { freeBytesCap: options.freeBytesCap }),
    ...(options.writeDelayMs === undefined ? {} : { writeDelayMs: options.writeDelayMs }),
  });

  const direct = openDirectLane({
    blocks: {
      read: async (transfer, block) => sending.handlers['send.read']({ transfer, block }),
      write: async (transfer, block) => receiving.engine['receive.write']({ transfer, ...block }),
    },
    clock: systemClock,
    isOn: () => settings.get().directLane,
    outside: lanePorts(router),
    emit: (name, payload) => {
      for (const listener of engineListeners) listener(name, payload);
    },
  });
  let isConfirming = false;
  const removeLeftovers = await receiving.findLeftovers();
  const removing = removeLeftovers();

  async function stagePaths(paths: readonly string[]) {
    const items = await sending.stage(paths);
    if (items.length > 0) emit('staged', items);
    return items;
  }

  async function pickFolder(): Promise<string | undefined> {
    if (!services.folderDialog) throw new Fault('bridge-refused', 'there are no dialogs in this shell');
    return services.pickDestination(downloadDir());
  }

  /** One question at a time: a page may ask for it as often as it likes. */
  async function confirmOpen(where: string, ask: (name: string) => Promise<boolean>): Promise<boolean> {
    if (isConfirming) throw new Fault('bridge-busy', 'a question is open already');
    isConfirming = true;
    try {
      return await ask(path.basename(where));
    } finally {
      isConfirming = false;
    }
  }

  async function kept() {
    const sends = (await sending.kept()).map(({ totals, selection: _, ...send }) => ({
      ...send,
      direction: 'send' as const,
      bytesTotal: totals.bytes,
      files: totals.files,
      isPublished: false,
    }));
    return [...sends, ...(await receiving.kept())].sort((a, b) => b.updatedAtMs - a.updatedAtMs);
  }

  return {
    stagePaths,
    onUiEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEngineEvent(listener) {
      engineListeners.add(listener);
      return () => engineListeners.delete(listener);
    },
    received,
    offerCodeLink(text) {
      codeLink = text;
      emit('code-link', { text });
    },
    screenLocked: () => emit('screen-locked', null),
    networkChanged(why) {
      remembered.refresh();
      if (why === 'addresses') router.networkChanged();
      emit('network-changed', { why });
      note({ is: 'network-changed', why });
    },
    note,
    isBusy: () => receiving.live() || sending.live(),
    async engineGone() {
      note({ is: 'engine-gone' });
      phone.close();
      await Promise.all([delivery.setInvites([]), direct.close(), pagePorts.gone()]);
      await Promise.all([receiving.park(), sending.park()]);
      emit('unfinished-changed', null);
    },
    async close() {
      delivery.close();
      phone.close();
      await Promise.all([direct.close(), router.close()]);
      await remembered.close();
      await Promise.all([receiving.park(), sending.close(), removing]);
      note({ is: 'stopped' });
      log.close();
    },
    ui: {
      'app.facts': async () => ({
        version,
        shell: services.kind,
        platform: process.platform,
        settings: shownSettings(),
        staged: sending.staged(),
        dialogs: services.dialogs,
        folderDialog: services.folderDialog,
        router: router.view(),
        ...(codeLink === undefined ? {} : { codeLink }),
        ...withLastPeer(await peerToCall()),
      }),
      'settings.write': async (patch) => {
        await settings.write(patch);
        await Promise.all([delivery.refresh(), router.settingChanged()]);
        if (!settings.get().directLane) await direct.close();
        remembered.refresh();
        emit('settings-changed', shownSettings());
        return shownSettings();
      },
      'settings.pickDownloadDir': async () => {
        const folder = await pickFolder();
        if (folder === undefined) return shownSettings();
        await destinations.admit(folder);
        await settings.write({ downloadDir: folder });
        downloadDirOfRun = undefined;
        emit('settings-changed', shownSettings());
        return shownSettings();
      },
      'stage.pick': async ({ kind }) => {
        if (!services.dialogs) throw new Fault('bridge-refused', 'there are no dialogs in this shell');
        const paths = kind === 'files' ? await services.pickFiles() : await services.pickFolderToSend();
        return sending.stage(paths);
      },
      'stage.remove': ({ id }) => sending.unstage(id),
      'stage.again': ({ transfer }) => sending.again(transfer),
      'destination.pick': async () => {
        const folder = await pickFolder();
        return folder === undefined ? null : destinations.admit(folder);
      },
      ...receiving.ui,
      'lan.invites': ({ codes }) => {
        // Linked, or somebody's invite was taken: nobody is waited for.
        if (codes.length === 0) phone.close();
        return delivery.setInvites(codes);
      },
      'lan.deliver': async ({ invite, reply }) => ({ delivered: await delivery.deliver(invite, reply) }),
      'phone.open': ({ invite }) => phone.open(invite),
      'phone.close': () => phone.close(),
      'router.open': ({ hosts }) => pagePorts.open(hosts),
      'router.shut': ({ ports }) => pagePorts.shut(ports),
      'router.renew': () => router.renew(),
      'router.check': () => pagePorts.check(),
      'remembered.list': () => remembered.list(),
      'remembered.remember': (peer) => remembered.remember(peer),
      'remembered.change': ({ id, ...change }) => remembered.change(id, change),
      'remembered.pickAcceptDir': async ({ id }) => {
        const folder = await pickFolder();
        if (folder !== undefined) await remembered.change(id, { acceptDir: (await destinations.admit(folder)).label });
      },
      'remembered.acceptDestination': async ({ id }) => {
        const folder = remembered.acceptDir(id);
        return folder === undefined ? null : destinations.admit(folder);
      },
      'remembered.forget': ({ id }) => remembered.forget(id),
      'remembered.call': async ({ id, invite }) => (await remembered.call(id, invite)) ?? null,
      'remembered.renew': ({ renewal, ...meeting }) => remembered.renew(meeting, renewal),
      'remembered.linked': ({ id }) => lastPeer.set(id ?? undefined),
      'remembered.answer': ({ request, reply }) => remembered.answer(request, reply),
      'transfer.open': async ({ transfer, isConfirmed }) => {
        const where = await stillThere(transfer);
        if (await mayRunPrograms(disk, where)) {
          if (services.confirmOpen !== undefined) {
            if (!(await confirmOpen(where, services.confirmOpen))) return { at: 'declined' };
          } else if (!isConfirmed) return { at: 'asks' };
        }
        await services.openFile(where);
        return { at: 'opened' };
      },
      'transfer.reveal': ({ transfer }) => services.reveal(landedAt(transfer)),
      'shell.openLink': ({ url }) => services.openLink(webLink(url)),
      'unfinished.list': async () =>
        (await kept())
          .filter(({ isLive, isPublished }) => !isLive && !isPublished)
          .map(({ secret: _, isLive: __, isPublished: ___, ...view }) => view),
      'unfinished.discard': async ({ transfer }) => {
        if (!(await receiving.discard(transfer))) await sending.discard(transfer);
        emit('unfinished-changed', null);
      },
      'unfinished.move': async ({ transfer }) => {
        const folder = await pickFolder();
        if (folder === undefined) return { isMoved: false };
        const { id } = await destinations.admit(folder);
        await receiving.moveKept(transfer, destinations.find(id));
        emit('unfinished-changed', null);
        return { isMoved: true };
      },
      'unfinished.publish': async ({ transfer }) => {
        const { record, published, faults } = await receiving.publishKept(transfer);
        emit('unfinished-changed', null);
        const { id, title, peerName, checked, wantedBytes } = record;
        if (settings.get().history) {
          await history.add({
            ...{ id, title, peerName, checked, bytes: wantedBytes, files: published + faults.length },
            ...(faults.length === 0 ? {} : { missing: faults.length }),
            direction: 'receive',
            state: 'done',
            endedAtMs: Date.now(),
            landedAt: landed.get(id),
          });
        }
        return { published };
      },
      'history.list': () => history.list(),
      'history.clear': () => history.clear(),
      'history.addNotes': async ({ peerName, notes }) => {
        const { history: isKept, keepNotes } = settings.get();
        if (isKept && keepNotes) await history.addNotes(peerName, notes);
      },
      'shell.progress': ({ fraction, busy }) => services.showProgress(fraction, busy),
      'shell.notify': ({ title, body }) => {
        if (settings.get().notifications) services.notify(title, body);
      },
      'shell.copy': ({ text }) => services.copy(text),
      'shell.readCode': () => services.readCode(),
      'shell.scanning': ({ on }) => services.setScanning(on),
      'diagnostics.host': () => [
        { name: 'version', value: version },
        { name: 'shell', value: services.kind },
        { name: 'system', value: `${process.platform} ${process.arch} ${release()}` },
        { name: 'node', value: process.versions.node },
        ...(remembered.isLocked() ? [{ name: 'keychain', value: 'locked' }] : []),
      ],
    },
    engine: logTransfers(
      {
        ...sending.handlers,
        ...receiving.engine,
        ...direct.handlers,
        'unfinished.claims': async () => (await kept()).map(({ id, secret, direction }) => ({ id, secret, direction })),
        'history.add': async ({ transfer, ...item }) => {
          if (!settings.get().history) return;
          await history.add({
            ...item,
            id: transfer,
            endedAtMs: Date.now(),
            landedAt: landed.get(transfer),
          });
        },
      },
      log,
    ),
  };
}

function withLastPeer(lastPeer: string | undefined): { readonly lastPeer?: string } {
  return lastPeer === undefined ? {} : { lastPeer };
}
