// The contract between the two Node processes of the desktop app, typed once. Main owns what only the desktop has (dialogs,
// the keychain, the taskbar); the host process owns files, journals and the local network.

import { logEvent } from '../host/log-event.ts';
import { call } from '../shared/ipc/calls.ts';
import type { Settings } from '../shared/ipc/settings.ts';
import type { HostItem } from '../shared/ipc/views.ts';
import { z } from '../shared/model/schema.ts';
import { pathsMax } from '../shared/wire/limits.ts';

const none = z.strictObject({});
const text = z.string();
const paths = z.array(text).max(pathsMax);

/** What main asks of the host process. */
export const hostCalls = {
  open: call(z.strictObject({ dataDir: text, downloadDir: text.optional(), version: text })).returns<{
    readonly language: Settings['language'];
  }>(),
  stagePaths: call(z.strictObject({ paths })).returns<readonly HostItem[]>(),
  /** Files were opened with Tincan; `stageOpened` with the same number follows, and says how often it was told. */
  expectOpened: call(z.strictObject({ batch: z.int() })).returns<void>(),
  stageOpened: call(z.strictObject({ batch: z.int(), told: z.int(), paths })).returns<void>(),
  /** The page asks the person what to send. */
  pick: call(z.strictObject({ kind: z.enum(['files', 'folder']) })).returns<void>(),
  /** Where what was received in this transfer lies; null where it is not there any more. */
  received: call(z.strictObject({ transfer: text.max(64) })).returns<string | null>(),
  offerCodeLink: call(z.strictObject({ text })).returns<void>(),
  screenLocked: call(none).returns<void>(),
  woke: call(none).returns<void>(),
  note: call(z.strictObject({ event: logEvent })).returns<void>(),
  /** Ends once every journal is on disk. */
  close: call(none).returns<void>(),
} as const;
export type HostCalls = typeof hostCalls;

/** What the host process tells main of itself. */
export type HostEvents = {
  readonly busy: { readonly isBusy: boolean };
  readonly language: { readonly language: Settings['language'] };
};

/** What the host process asks of main: shell services. */
export const shellCalls = {
  pickFiles: call(none).returns<readonly string[]>(),
  pickFolderToSend: call(none).returns<readonly string[]>(),
  pickDestination: call(z.strictObject({ current: text })).returns<string | null>(),
  reveal: call(z.strictObject({ path: text })).returns<void>(),
  openFile: call(z.strictObject({ path: text })).returns<void>(),
  confirmOpen: call(z.strictObject({ name: text })).returns<boolean>(),
  openLink: call(z.strictObject({ url: text })).returns<void>(),
  trash: call(z.strictObject({ path: text })).returns<void>(),
  notify: call(z.strictObject({ title: text, body: text })).returns<void>(),
  showProgress: call(z.strictObject({ fraction: z.number().nullable(), busy: z.boolean() })).returns<void>(),
  copy: call(z.strictObject({ text })).returns<void>(),
  readCode: call(none).returns<string | null>(),
  setScanning: call(z.strictObject({ on: z.boolean() })).returns<void>(),
  guestPage: call(none).returns<Uint8Array>(),
  /** Null where the system has no keychain. */
  seal: call(z.strictObject({ plain: text })).returns<string | null>(),
  /** Fails while the keychain is locked or missing. */
  unseal: call(z.strictObject({ sealed: text })).returns<string>(),
} as const;
export type ShellCalls = typeof shellCalls;

/** In the order in which a page gets their ports. */
export const pageRoles = ['ui', 'engine'] as const;
export type PageRole = (typeof pageRoles)[number];

/** What passes between the two processes: one message of either contract, or the end of a channel that leads to the page. */
export type ProcessMessage =
  | { readonly to: 'host' | 'shell'; readonly message: unknown }
  | { readonly to: 'page'; readonly role: PageRole };
