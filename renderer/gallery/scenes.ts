// One scene per screen and state worth looking at. Each says what the link shows and what has happened since.

import type { EngineEvent } from '../../engine/commands.ts';
import type { Settings } from '../../shared/ipc/settings.ts';
import type { OfferPlan, OfferRow } from '../../shared/ipc/views.ts';
import type { LinkView, PeerView } from '../../shared/model/link-view.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import type { Actions } from '../state/actions.ts';
import type { AppState } from '../state/app-state.ts';
import type { CameraView } from '../state/ports.ts';
import { emitPhotos, photoPlan, photoRows } from './photos.ts';
import {
  everyTransfer,
  id,
  mega,
  partlyTransfers,
  progress,
  sending,
  stageConnection,
  transfer,
} from './scene-transfers.ts';

export const code = `TINCAN:${'G4TQ9M2X7ZJ5R8VKNWCH3E6YPD0SABF1'.repeat(5).slice(0, 150)}`;
const quietSinceMs = Date.now() - 40_000;

const invite: LinkView = { at: 'pairing', code: { at: 'ready', kind: 'invite', text: code, local: true } };
const ben: PeerView = {
  name: 'Ben’s desktop',
  trust: { at: 'settled', digits: '402917', checked: 'matched' },
  route: { kind: 'same-network', roundTripMs: 3.4, lanes: 4 },
};
const linked: LinkView = { at: 'linked', peer: ben };

export const plan: OfferPlan = {
  manifestDigest: 'ab'.repeat(32),
  totals: { files: 7, folders: 3, bytes: 555 * mega },
  title: 'Holiday in Lisbon',
  destination: { id: 'downloads', label: '/home/anna/Downloads', freeBytes: 212_000 * mega },
  fits: true,
  neededBytes: 823 * mega,
  renamed: 1,
  existing: 1,
  flagged: 1,
  refused: [],
};

export const rows: readonly OfferRow[] = [
  row(0, 'folder', ['Holiday in Lisbon'], 0),
  row(1, 'folder', ['Holiday in Lisbon', 'Day 1'], 0),
  row(2, 'file', ['Holiday in Lisbon', 'Day 1', 'IMG_2041.jpg'], 6 * mega),
  row(3, 'file', ['Holiday in Lisbon', 'Day 1', 'IMG_2042.jpg'], 7 * mega, ['exists']),
  row(4, 'file', ['Holiday in Lisbon', 'Day 1', 'tram 28.mp4'], 540 * mega),
  row(5, 'folder', ['Holiday in Lisbon', 'empty'], 0),
  row(6, 'file', ['Holiday in Lisbon', 'Größe – 文件 – файл – ملف.txt'], 4021),
  row(7, 'file', ['Holiday in Lisbon', 'invoice\u202Egnp.exe'], 2 * mega, ['executable-kind']),
  { ...row(8, 'file', ['Holiday in Lisbon', 'con_.txt'], 800, ['renamed']), sentAs: 'con.txt' },
  row(9, 'file', ['Holiday in Lisbon', '<img src=x onerror=alert(1)>.html'], 12_000),
];

function row(
  index: number,
  kind: 'file' | 'folder',
  path: string[],
  size: number,
  flags: OfferRow['flags'] = [],
): OfferRow {
  return { index, kind, path, size, flags };
}

export function manyRows(count: number): OfferRow[] {
  return Array.from({ length: count }, (_, at) => row(at, 'file', ['archive', `${at}.bin`], 4096));
}

const texts: readonly EngineEvent[] = [
  {
    is: 'text',
    connection: stageConnection,
    text: 'The Wi-Fi at the cabin: <b>lake-house</b>\npassword is on the fridge 🐟 https://example.org/cabin',
    fromPeer: true,
  },
  { is: 'text', connection: stageConnection, text: 'Got it, thanks!', fromPeer: false },
];

const offer: EngineEvent = { is: 'offer', connection: stageConnection, transfer: id(90), plan };

/** One file that can run programs. */
const program = transfer(40, {
  state: 'done',
  direction: 'receive',
  title: 'setup.exe',
  totals: { files: 1, folders: 0, bytes: 4 * mega },
  wantedFiles: 1,
  wantedBytes: 4 * mega,
  rootHash: '9f2c'.repeat(16),
});

/** What waits for the connection, above what is over. */
const heldUp = [
  ...[41, 42].map((at) => transfer(at, { state: 'done', title: `Notes of day ${at}.odt` })),
  transfer(8, { state: 'paused', pause: 'link' }),
  progress([8, 312 * mega]),
];

export type Scene = {
  readonly view: LinkView;
  readonly events?: readonly EngineEvent[];
  readonly rows?: readonly OfferRow[];
  readonly act?: (actions: Actions) => void;
  /** What takes a moment to be made. */
  readonly later?: (emit: (event: EngineEvent) => void) => Promise<void>;
  readonly unfinished?: boolean;
  readonly host?: AppState['host'];
  readonly known?: boolean;
  /** The page itself is a guest page. */
  readonly isGuest?: boolean;
  readonly settings?: Partial<Settings>;
  readonly router?: RouterView;
  readonly camera?: CameraView;
  /** A handle further down a panel that scrolls. */
  readonly scrollTo?: string;
};

const pick = (actions: Actions) =>
  actions.addEarlier([
    { id: 'a', name: 'Holiday in Lisbon', kind: 'folder' },
    { id: 'b', name: 'budget.ods', kind: 'file', sizeBytes: 48_211 },
  ]);

const servers = [
  { url: 'stun:stun.example.org:3478' },
  { url: 'turns:relay.example.org:443?transport=tcp', username: 'anna', credential: 'a good secret' },
];

export const scenes: Readonly<Record<string, Scene>> = {
  'pairing-making': { view: { at: 'pairing', code: { at: 'making' } } },
  pairing: { view: invite },
  'pairing-staged': { view: invite, act: pick, unfinished: true },
  'pairing-anywhere': { view: invite, settings: { internet: true } },
  'pairing-router': {
    view: invite,
    settings: { internet: true, askStun: false },
    router: { at: 'opens', by: 'pcp', publicAddress: '203.0.113.7' },
  },
  'pairing-router-none': { view: invite, settings: { internet: true, askStun: false }, router: { at: 'none' } },
  'pairing-fault': { view: invite, act: (actions) => void actions.pasteCode('hello') },
  'pairing-reply': { view: { at: 'pairing', code: { at: 'ready', kind: 'reply', text: code, local: true } } },
  'pairing-own-reply': {
    view: { at: 'pairing', code: { at: 'ready', kind: 'reply', text: code, local: true } },
    act: (actions) => void actions.pasteCode(`My reply for Tincan: ${code}`),
  },
  'pairing-known': { view: invite, known: true, act: (actions) => void actions.callRemembered('0b') },
  'pairing-again': { view: { ...invite, callsBack: '0a' }, known: true },
  'pairing-ended': { view: { ...invite, ended: 'by-peer' } },
  /** Everything at once that may stand on it. */
  'pairing-full': { view: { ...invite, ended: 'by-peer' }, known: true, act: pick, unfinished: true },
  'pairing-camera': { view: invite, act: (actions) => actions.setScanning(true) },
  /** With everything beside it that may be. */
  'pairing-looking': {
    view: { ...invite, ended: 'by-peer' },
    known: true,
    unfinished: true,
    camera: {
      at: 'looking',
      devices: [
        { id: 'a', label: 'Integrated camera' },
        { id: 'b', label: 'Camera of the screen on the desk' },
      ],
      device: 'a',
      torch: false,
      mirrored: true,
      found: false,
    },
    act: (actions) => {
      pick(actions);
      actions.setScanning(true);
    },
  },
  'full-code': { view: invite, act: (actions) => actions.openPanel('full-code') },
  connecting: {
    view: {
      at: 'connecting',
      code: { at: 'ready', kind: 'reply', text: code, local: true },
      step: 'securing',
    },
  },
  'connecting-slow': {
    view: {
      at: 'connecting',
      code: { at: 'ready', kind: 'reply', text: code, local: true },
      step: 'reaching',
      hint: 'firewall',
    },
  },
  'connecting-checked': {
    view: {
      at: 'connecting',
      code: { at: 'ready', kind: 'reply', text: code, local: false },
      step: 'reaching',
      hint: 'needs-relay',
    },
    settings: { internet: true },
    act: (actions) => void actions.checkNetwork(),
  },
  'connecting-left': {
    view: {
      at: 'connecting',
      code: { at: 'making' },
      step: 'verifying',
      hint: 'they-left',
    },
  },
  'linked-digits': {
    view: { at: 'linked', peer: { ...ben, trust: { at: 'asking', digits: '402917', peerOk: true } } },
  },
  linked: { view: linked },
  'linked-leaving': { view: linked, events: sending, act: (actions) => actions.disconnect() },
  'open-file': {
    view: linked,
    events: [program],
    act: (actions) => void actions.openReceived(id(40)),
  },
  'linked-remember': { view: { at: 'linked', peer: { ...ben, remember: 'asked' } } },
  'linked-guest': {
    view: linked,
    events: [{ is: 'peer-name', connection: stageConnection, name: 'Firefox (Windows)', isGuest: true }, ...sending],
  },
  offer: { view: linked, events: [offer] },
  'offer-photos': {
    view: linked,
    rows: photoRows,
    events: [{ is: 'offer', connection: stageConnection, transfer: id(90), plan: photoPlan(plan) }],
    later: (emit) => emitPhotos(id(90), emit),
  },
  'offer-many': { view: linked, events: [offer], rows: manyRows(99_999) },
  sending: { view: linked, events: sending },
  transfers: { view: linked, events: everyTransfer },
  'transfers-partly': { view: linked, events: partlyTransfers },
  'transfers-many': { view: linked, events: Array.from({ length: 2000 }, (_, at) => transfer(at, { state: 'done' })) },
  texts: { view: linked, events: texts },
  'texts-unsent': {
    view: linked,
    events: texts,
    act({ draftText, takeBackText }) {
      draftText('One more thing');
      takeBackText('Are you there?');
    },
  },
  'guest-received': {
    view: linked,
    isGuest: true,
    events: [transfer(50, { state: 'done', direction: 'receive', rootHash: '9f2c'.repeat(16) }), program],
    act: (actions) => void actions.saveReceived(id(50)),
  },
  phone: { view: invite, act: (actions) => actions.letPhoneIn() },
  'save-guest': { view: invite, act: (actions) => actions.openPanel('save-guest') },
  reconnecting: {
    view: { at: 'reconnecting', peer: ben, sinceMs: quietSinceMs },
    events: [transfer(8, { state: 'paused', pause: 'link' }), progress([8, 312 * mega])],
  },
  'reconnecting-again': {
    view: {
      at: 'reconnecting',
      peer: ben,
      sinceMs: quietSinceMs,
      code: { at: 'ready', kind: 'invite', text: code, local: true },
    },
    events: heldUp,
  },
  'reconnecting-taken': {
    view: {
      at: 'reconnecting',
      peer: ben,
      sinceMs: quietSinceMs,
      code: { at: 'ready', kind: 'invite', text: code, local: true },
      rejoining: { hint: 'they-left' },
    },
    events: heldUp,
  },
  'settings-known': { view: invite, known: true, act: (actions) => actions.openPanel('settings') },
  'settings-servers': {
    view: invite,
    settings: { internet: true, servers },
    scrollTo: 'setting-internet',
    act: (actions) => {
      actions.openPanel('settings');
      for (const server of servers) void actions.testServer(server);
      void actions.importServers(new Blob(['{"iceServers":[{"urls":"turn:relay.example.net"}]}']));
      void actions.checkNetwork();
    },
  },
  settings: { view: invite, act: (actions) => actions.openPanel('settings') },
  history: { view: invite, act: (actions) => actions.openPanel('history') },
  diagnostics: { view: invite, act: (actions) => actions.openPanel('diagnostics') },
  shortcuts: { view: invite, act: (actions) => actions.openPanel('shortcuts') },
  'host-gone': { view: invite, host: 'gone' },
  'host-replaced': { view: invite, host: 'replaced' },
  'host-restarting': { view: invite, host: 'restarting' },
  'host-given-up': { view: invite, host: 'given-up' },
  'refused-things': {
    view: linked,
    events: [
      { is: 'refused', fault: { code: 'note-too-long', message: '' }, text: 'Once upon a time' },
      { is: 'refused', fault: { code: 'bridge-busy', message: '' }, transfer: id(60) },
    ],
  },
  about: { view: invite, act: (actions) => actions.openPanel('about') },
};

export const known = [
  {
    ...{ id: '0a', name: 'Ben’s desktop', seenAtMs: 0, blocked: false },
    ...{ acceptMaxBytes: 1_000_000_000, acceptDir: '/home/anna/Pictures/from Ben' },
  },
  { id: '0b', name: 'The machine in the attic with a name that goes on and on and on', seenAtMs: 0, blocked: false },
  { id: '0c', name: 'Somebody of old', seenAtMs: 0, blocked: true },
];

export const unfinished = [
  {
    id: id(70),
    direction: 'receive',
    title: 'photos 2024',
    peerName: 'Ben’s desktop',
    bytesDone: 310 * mega,
    bytesTotal: 734 * mega,
    files: 412,
    updatedAtMs: 0,
  },
];
export const history = [
  {
    id: id(5),
    direction: 'receive',
    title: '',
    peerName: 'Ben’s desktop',
    checked: false,
    bytes: 0,
    files: 0,
    state: 'done',
    endedAtMs: 1_790_000_100_000,
    canReveal: false,
    note: 'The Wi-Fi at the cabin: lake-house\nThe key is under the third pot.',
  },
  {
    id: id(1),
    direction: 'receive',
    title:
      'Minutes of the extraordinary general meeting of 14 November 2026, with all annexes and the list of signatures (final, 3).pdf',
    peerName: 'Ben’s desktop',
    checked: true,
    bytes: 4 * mega,
    files: 1,
    state: 'done',
    endedAtMs: 1_790_000_000_000,
    rootHash: '9f2c'.repeat(16),
    canReveal: true,
  },
  {
    id: id(2),
    direction: 'send',
    title: 'old-laptop-backup.tar',
    peerName: 'Ben’s desktop',
    checked: false,
    bytes: 90_000 * mega,
    files: 1,
    state: 'declined',
    endedAtMs: 1_789_900_000_000,
    canReveal: false,
  },
  {
    id: id(4),
    direction: 'receive',
    title: 'seen before',
    peerName: 'Ben’s desktop',
    checked: true,
    bytes: 0,
    files: 0,
    state: 'done',
    endedAtMs: 1_789_850_000_000,
    canReveal: false,
  },
  {
    id: id(3),
    direction: 'receive',
    title: 'Choir recordings',
    peerName: 'Ben’s desktop',
    checked: true,
    bytes: 734 * mega,
    files: 31,
    missing: 2,
    state: 'done',
    endedAtMs: 1_789_800_000_000,
    rootHash: '9f2c'.repeat(16),
    canReveal: true,
  },
];
