// The host of a guest page: the contract of every shell, over what a browser has. It reaches no disk by itself, no network, no
// other computer and no window; calls for those are refused, and the screens do not offer them.

import type { Handlers } from '../shared/ipc/calls.ts';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../shared/ipc/contract.ts';
import { engineCalls, uiCalls } from '../shared/ipc/contract.ts';
import { type RpcPort, serveRpc } from '../shared/ipc/rpc.ts';
import type { Settings } from '../shared/ipc/settings.ts';
import { Fault } from '../shared/model/fault.ts';
import { type ReceivedCalls, receivedCalls } from './received-calls.ts';
import { openReceiving } from './receiving.ts';
import type { BlockStore } from './store/block-store.ts';

export type GuestHostOptions = {
  readonly store: BlockStore;
  readonly version: string;
  /** What the other person sees of this page. */
  readonly deviceName: string;
  readonly platform: string;
  /** The invite that came with the page, if any. */
  readonly invite?: string;
};

export type GuestPorts = { readonly ui: RpcPort; readonly engine: RpcPort; readonly received: RpcPort };

export function serveGuestHost(options: GuestHostOptions, ports: GuestPorts): void {
  const { store, version, platform, deviceName, invite } = options;
  let settings = firstSettings(deviceName);
  const receiving = openReceiving(store, () => events.emit('unfinished-changed', null));

  const ui: Handlers<UiCalls> = {
    'app.facts': () => ({
      version,
      shell: 'guest',
      platform,
      settings,
      staged: [],
      dialogs: false,
      folderDialog: false,
      router: { at: 'off' },
      ...(invite === undefined ? {} : { codeLink: invite }),
    }),
    'settings.write': (patch) => {
      settings = { ...settings, ...withoutUndefined(patch) };
      events.emit('settings-changed', settings);
      return settings;
    },
    'settings.pickDownloadDir': refuse,
    'stage.pick': refuse,
    'stage.remove': () => undefined,
    'stage.again': () => [],
    'destination.pick': refuse,
    ...receiving.ui,
    'lan.invites': () => undefined,
    'lan.deliver': () => ({ delivered: false }),
    'phone.open': refuse,
    'phone.close': () => undefined,
    'router.open': () => [],
    'router.shut': () => undefined,
    'router.renew': () => undefined,
    'router.check': () => ({ at: 'off' }),
    'remembered.list': () => [],
    'remembered.remember': refuse,
    'remembered.change': refuse,
    'remembered.forget': refuse,
    'remembered.pickAcceptDir': refuse,
    'remembered.acceptDestination': () => null,
    'remembered.linked': () => undefined,
    'remembered.call': () => null,
    'remembered.renew': refuse,
    'remembered.answer': refuse,
    'transfer.open': refuse,
    'transfer.reveal': refuse,
    'unfinished.list': () => receiving.unfinished(),
    'unfinished.discard': ({ transfer }) => receiving.discard(transfer),
    'unfinished.move': refuse,
    'unfinished.publish': refuse,
    'history.list': () => [],
    'history.clear': () => undefined,
    'history.addNotes': () => undefined,
    'shell.progress': () => undefined,
    'shell.notify': () => undefined,
    'shell.openLink': refuse,
    'shell.copy': refuse,
    'shell.readCode': () => null,
    'shell.scanning': () => undefined,
    'diagnostics.host': () => [{ name: 'store', value: store.kind }],
  };

  const engine: Handlers<EngineCalls> = {
    // What is sent lies in the page itself (renderer/worker/page-files.ts).
    'send.open': refuse,
    'send.manifest': refuse,
    'send.select': refuse,
    'send.read': refuse,
    'send.picture': () => null,
    'send.digests': refuse,
    'send.known': refuse,
    'send.keepRoot': refuse,
    'send.reopen': refuse,
    'send.close': () => undefined,
    ...receiving.engine,
    'direct.listen': () => null,
    'direct.meet': refuse,
    'direct.expect': refuse,
    'direct.send': refuse,
    'direct.sendBytes': refuse,
    'direct.drop': () => undefined,
    'direct.close': () => undefined,
    'unfinished.claims': () => receiving.claims(),
    'history.add': () => undefined,
  };

  const events = serveRpc<UiCalls, UiEvents>(ports.ui, { calls: uiCalls, handlers: ui });
  serveRpc<EngineCalls, EngineEvents>(ports.engine, { calls: engineCalls, handlers: engine });
  serveRpc<ReceivedCalls, Record<never, never>>(ports.received, { calls: receivedCalls, handlers: receiving.received });
}

function refuse(): never {
  throw new Fault('bridge-refused', 'a guest page cannot do this');
}

function firstSettings(deviceName: string): Settings {
  return {
    deviceName,
    downloadDir: '-',
    acceptVerified: false,
    internet: false,
    // A page cannot ask a router; what is in its list was typed in.
    askRouter: false,
    askStun: true,
    nearReplies: false,
    nearKnown: false,
    directLane: false,
    servers: [],
    theme: 'system',
    language: 'system',
    keepExecutable: false,
    notifications: false,
    sound: true,
    history: false,
    keepNotes: false,
  };
}

function withoutUndefined<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as never;
}
