// Stand-ins for everything behind the store, so that any screen can be shown and driven without a peer or a disk.

import type { EngineCommand, EngineEvent } from '../../engine/commands.ts';
import type { Settings } from '../../shared/ipc/settings.ts';
import type { AppFacts, OfferPlan, OfferRow } from '../../shared/ipc/views.ts';
import { Fault } from '../../shared/model/fault.ts';
import { inviteTag } from '../../shared/model/guest-page.ts';
import type { LinkView } from '../../shared/model/link-view.ts';
import { codePicture, drawCode } from '../scan/draw-code.ts';
import { windowClock } from '../state/browser-window.ts';
import type { CameraView, HostPort, Ports } from '../state/ports.ts';
import { stageConnection } from './scene-transfers.ts';

export const settings: Settings = {
  deviceName: 'Anna’s laptop',
  downloadDir: '/home/anna/Downloads',
  acceptVerified: false,
  internet: false,
  askRouter: true,
  askStun: true,
  nearReplies: true,
  nearKnown: true,
  directLane: true,
  servers: [{ url: 'stun:stun.example.org:3478' }],
  theme: 'system',
  language: 'en',
  keepExecutable: false,
  notifications: true,
  sound: true,
  history: true,
  keepNotes: false,
};

export const facts: AppFacts = {
  version: '0.1.0',
  shell: 'browser',
  platform: 'linux x64',
  settings,
  staged: [],
  dialogs: false,
  folderDialog: true,
  router: { at: 'off' },
};

/** Seldom enough that every one is drawn. */
const sampleEveryMs = 400;

export type Stage = {
  readonly ports: Ports;
  readonly show: (view: LinkView) => void;
  readonly emit: (event: EngineEvent) => void;
  readonly commands: EngineCommand[];
};

export function openStage(
  view: LinkView,
  rows: readonly OfferRow[],
  plan: OfferPlan,
  answers: Partial<Answers> = {},
): Stage {
  let session = view;
  const linkListeners = new Set<(view: LinkView) => void>();
  const engineListeners = new Set<(event: EngineEvent) => void>();
  const commands: EngineCommand[] = [];
  /** Goes on with every sample, so that speeds look the same in every picture. */
  let clockMs = 0;
  const ports: Ports = {
    link: {
      view: () => session,
      hasAdopted: (connection) => connection === stageConnection,
      onChange: (listener) => subscribe(linkListeners, listener),
      onDelivery: () => () => undefined,
      async takeCode(text) {
        const own = 'code' in session && session.code?.at === 'ready' ? session.code.text : undefined;
        if (own !== undefined && text.includes(own)) return { code: 'code-own', message: '' };
        return text.startsWith('TINCAN:') ? undefined : { code: 'code-not-ours', message: '' };
      },
      newCode: () => undefined,
      confirmVerification: () => undefined,
      remember: () => undefined,
      callRemembered: async () => false,
      disconnect: () => undefined,
      pairAgain: () => undefined,
      configure: () => undefined,
      nudge: () => undefined,
      report: async () => [{ name: 'candidates', value: 'host 2, srflx 0, relay 0' }],
      close: () => undefined,
    },
    engine: {
      command: (command) => commands.push(command),
      on: (listener) => subscribe(engineListeners, listener),
    },
    host: fakeHost(rows, plan, answers),
    scan: {
      drawCode,
      codePicture,
      decodePicture: () => Promise.reject(new Fault('picture-no-code', 'nothing there')),
      startCamera: ({ onView }) => {
        onView(answers.camera ?? { at: 'failed', fault: { code: 'camera-missing', message: '' } });
        return { setTorch: () => undefined, close: () => undefined };
      },
    },
    takeCalls: () => undefined,
    window: {
      isLookedAt: () => true,
      setTitle: () => undefined,
      copy: async () => undefined,
      read: async () => '',
      readAll: async () => ({ text: '', files: [] }),
      save: () => undefined,
      askToNotify: () => undefined,
      notify: () => undefined,
      playSound: () => undefined,
      fromPageBefore: () => ({ sending: [], staged: [] }),
      leaveForNextPage: () => () => undefined,
      openLink: () => undefined,
    },
    testServer: async () => ({ at: 'reached', publicAddress: '203.0.113.7', relay: false, tookMs: 38 }),
    checkNetwork: async () => ({
      at: 'strict',
      relays: [],
      publicAddress: '203.0.113.7',
      asked: 2,
      answered: 2,
      networks: 2,
      ipv6: 'none',
      hairpin: 'untold',
    }),
    guestPage: async () => new TextEncoder().encode(inviteTag('')),
    received: {
      canPickFolder: true,
      save: async () => undefined,
      saveEach: async () => undefined,
      saveToFolder: async () => true,
      discard: async () => undefined,
    },
    clock: { ...windowClock, now: () => clockMs },
  };
  return {
    ports,
    commands,
    show(next) {
      session = next;
      for (const listener of linkListeners) listener(next);
    },
    emit(event) {
      if (event.is === 'progress') clockMs += sampleEveryMs;
      for (const listener of engineListeners) listener(event);
    },
  };
}

export type Answers = {
  /** What the camera says; without it there is none. */
  readonly camera: CameraView;
  readonly unfinished: readonly unknown[];
  readonly history: readonly unknown[];
  readonly known: readonly unknown[];
};

const phoneAddress = (invite: string) => `http://192.168.178.23:51234/4T9XQ0M8JZ6B1KC7RWVEHY2D5NPFGS3A/#${invite}`;

function fakeHost(rows: readonly OfferRow[], plan: OfferPlan, answers: Partial<Answers>): HostPort {
  const respond = (name: string, input: Record<string, unknown>): unknown => {
    if (name === 'offer.rows') {
      const from = input.from as number;
      return { rows: rows.slice(from, from + (input.count as number)), total: rows.length };
    }
    if (name === 'transfer.open') return { at: input.isConfirmed === true ? 'opened' : 'asks' };
    if (name === 'offer.replan') return plan;
    if (name === 'settings.write') return { ...settings, ...input };
    if (name === 'unfinished.list') return answers.unfinished ?? [];
    if (name === 'remembered.list') return answers.known ?? [];
    if (name === 'phone.open')
      return { address: phoneAddress(input.invite as string), closesAtMs: Date.UTC(2026, 7, 20, 12, 40) };
    if (name === 'history.list') return answers.history ?? [];
    if (name === 'diagnostics.host') return [{ name: 'host', value: 'Node 24' }];
    return undefined;
  };
  return {
    call: async (name, input) => respond(name, input as Record<string, unknown>) as never,
    on: () => () => undefined,
    onClose: () => () => undefined,
    close: () => undefined,
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
