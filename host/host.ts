// The host as a shell sees it: handlers for the two roles, events for the page, and the few things only a shell can do.

import type { Handlers } from '../shared/ipc/calls.ts';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../shared/ipc/contract.ts';
import type { HostItem } from '../shared/ipc/views.ts';
import type { Clock } from '../shared/model/clock.ts';
import type { Disk } from './disk/disk.ts';
import type { EventListener } from './event-listeners.ts';
import type { SecretBox } from './lan/remembered-store.ts';
import type { LogEvent } from './log-event.ts';
import type { QuarantineMarks } from './sink/quarantine-marks.ts';

/** What a shell lends the host. The browser shell has no dialogs for files and no taskbar. */
export interface ShellServices {
  readonly kind: 'electron' | 'browser';
  readonly dialogs: boolean;
  /** `pickDestination` asks the person in a dialog. Where it cannot, files go to the download folder and nowhere else. */
  readonly folderDialog: boolean;
  /** Absolute paths the person chose; empty when they thought better of it. */
  pickFiles(): Promise<readonly string[]>;
  pickFolderToSend(): Promise<readonly string[]>;
  pickDestination(current: string): Promise<string | undefined>;
  reveal(path: string): Promise<void>;
  /** With whatever program the desktop has for it. */
  openFile(path: string): Promise<void>;
  /**
   * Asks the person, out of the page's reach, whether this file that can run programs shall be opened. Where it is absent the page asks
   * instead, and a page that was taken over answers itself.
   */
  readonly confirmOpen?: (name: string) => Promise<boolean>;
  openLink(url: string): Promise<void>;
  /** Moves an existing file out of the way before a verified one takes its name. */
  trash(path: string): Promise<void>;
  notify(title: string, body: string): void;
  showProgress(fraction: number | null, busy: boolean): void;
  copy(text: string): Promise<void>;
  /** What is on the clipboard, if it holds a code. */
  readCode(): Promise<string | null>;
  setScanning(on: boolean): void | Promise<void>;
  /** The guest page as it was built. */
  guestPage(): Promise<Uint8Array>;
  /** The system's keychain. Where there is none for certain, what is secret stays in a private file. */
  readonly secrets?: SecretBox;
}

export type HostOptions = {
  /** Those of this computer where nothing is said. */
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly dataDir: string;
  /** Overrides the setting for this run only. */
  readonly downloadDir?: string;
  readonly version: string;
  readonly services: ShellServices;
  /** How what arrives is marked as foreign: the way of this system, unless a test looks at another one's. */
  readonly marks?: QuarantineMarks;
  /** Test hook for a disk smaller than it is; bytes. */
  readonly freeBytesCap?: number;
  /** Test hook for a disk slower than it is; milliseconds per block. */
  readonly writeDelayMs?: number;
};

/** Calls that open something on the network. Only a page has them: what they open is that page's. */
export type PageCalls = Pick<Handlers<UiCalls>, Extract<keyof UiCalls, `${'lan' | 'phone' | 'router'}.${string}`>>;

export interface HostPage {
  readonly ui: Handlers<UiCalls>;
  /** It ended, or its engine did: what it opened on the network is closed, and it opens nothing more. Said again, it does nothing. */
  gone(): Promise<void>;
}

/** `told`: how often `expectOpened` was called of it. A page that heard it less often knows only a part of whom it is for. */
export type OpenedPaths = { readonly batch: number; readonly told: number; readonly paths: readonly string[] };

export interface Host {
  /** There is one at a time: the page before it is gone. */
  openPage(): HostPage;
  readonly ui: Omit<Handlers<UiCalls>, keyof PageCalls>;
  readonly engine: Handlers<EngineCalls>;
  onUiEvent(listener: EventListener<UiEvents>): () => void;
  onEngineEvent(listener: EventListener<EngineEvents>): () => void;
  /** Absolute paths become items that the page may offer. It asked for this itself, and gets an answer and no event. */
  stagePaths(paths: readonly string[]): Promise<readonly HostItem[]>;
  /** Files were opened with Tincan: the page notes for whom. What waits to be looked at comes under the same number. */
  expectOpened(batch: number): void;
  /** Command line, icon drop and second launch. */
  stageOpened(opened: OpenedPaths): Promise<void>;
  /** Has the page ask the person what to send. */
  pick(kind: 'files' | 'folder'): void;
  /** Where what was received lies, if it is still there and no link. */
  received(transfer: string): Promise<string | undefined>;
  offerCodeLink(text: string): void;
  screenLocked(): void;
  networkChanged(why: 'addresses' | 'woke'): void;
  /** Into the log. The set of events is closed and holds no words of people's. */
  note(event: LogEvent): void;
  /** Bytes are moving, or a transfer is unfinished but live. */
  isBusy(): boolean;
  /** The engine went away: live transfers are parked, their journals are on disk. */
  engineGone(): Promise<void>;
  close(): Promise<void>;
}
