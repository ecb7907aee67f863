// What the store needs from the rest of the page, passed in by the composition root. Nothing here knows who answers.

import type { EngineCommand, EngineEvent } from '../../engine/commands.ts';
import type { Link } from '../../link/link.ts';
import type { UiCalls, UiEvents } from '../../shared/ipc/contract.ts';
import type { HostNews } from '../../shared/ipc/host-news.ts';
import type { RpcClient } from '../../shared/ipc/rpc.ts';
import type { HostItem } from '../../shared/ipc/views.ts';
import type { Clock } from '../../shared/model/clock.ts';
import type { FaultView } from '../../shared/model/fault.ts';
import type { NetworkView } from '../../shared/model/network-view.ts';
import type { ServerEntry } from '../../shared/model/server-entry.ts';
import type { TransferId } from '../../shared/model/transfer.ts';

export interface EnginePort {
  command(command: EngineCommand): void;
  on(listener: (event: EngineEvent) => void): () => void;
}

export type HostPort = RpcClient<UiCalls, UiEvents>;

export type CameraDevice = { readonly id: string; readonly label: string };

export type CameraView =
  | { readonly at: 'asking' }
  | {
      readonly at: 'looking';
      readonly devices: readonly CameraDevice[];
      readonly device?: string;
      /** Present where the camera has a lamp. */
      readonly torch?: boolean;
      /** A camera that faces its user. */
      readonly mirrored: boolean;
      /** A code is in view at this moment. */
      readonly found: boolean;
    }
  | { readonly at: 'failed'; readonly fault: FaultView };

export interface CameraRun {
  setTorch(on: boolean): void;
  close(): void;
}

export interface ScanPort {
  /** Sharp at the canvas's present size, with its quiet zone, dark on light. */
  drawCode(canvas: HTMLCanvasElement, text: string): void;
  codePicture(text: string): Promise<Blob>;
  /** The text of the code in a picture; a Fault when there is none. */
  decodePicture(picture: Blob): Promise<string>;
  startCamera(options: {
    readonly video: HTMLVideoElement;
    /** The permission: until then nobody asks for the camera. */
    readonly allowed: Promise<unknown>;
    readonly device?: string;
    readonly onView: (view: CameraView) => void;
    readonly onText: (text: string) => void;
  }): CameraRun;
}

export type ServerTestView = {
  readonly at: 'reached' | 'silent' | 'refused';
  readonly publicAddress?: string;
  readonly relay: boolean;
  readonly tookMs: number;
};

/** The titles of transfers, and the names of what waited to be sent, whose files were chosen in a page that is gone. */
export type CutByReload = { readonly sending: readonly string[]; readonly staged: readonly string[] };

/** The little of the window that is not React's. */
export interface WindowPort {
  /** In front, and with the focus. */
  isLookedAt(): boolean;
  setTitle(title: string): void;
  copy(text: string): Promise<void>;
  /** What is on the clipboard; rejects where the person or the system does not allow it. */
  read(): Promise<string>;
  /** All of it: a text, or pictures as files. Rejects likewise. */
  readAll(): Promise<{ readonly text: string; readonly files: readonly File[] }>;
  save(name: string, content: Blob): void;
  /** Asks the browser, once, whether the page may notify. To be called on a click. */
  askToNotify(): void;
  /** By the browser, where it may. A click brings the window forward. */
  notify(title: string, body: string): void;
  playSound(): void;
  /** What the page before this one left in this tab. Nothing when it is asked again. */
  fromPageBefore(): CutByReload;
  /** `what` is asked when this page goes away. */
  leaveForNextPage(what: () => CutByReload): () => void;
  /** In a tab of its own, which learns nothing of this page. Where the shell does it, the host is asked instead. */
  openLink(url: string): void;
}

/** Guest page only: what was received lies in the browser until the person saves it. */
export interface ReceivedFiles {
  /** A folder can be picked, and everything goes into it in its shape. */
  readonly canPickFolder: boolean;
  /** One file as it is, several as one ZIP. */
  save(transfer: TransferId): Promise<void>;
  /** Each file by itself, without its folders. */
  saveEach(transfer: TransferId): Promise<void>;
  /** Answers false where the person picked no folder. */
  saveToFolder(transfer: TransferId): Promise<boolean>;
  discard(transfer: TransferId): Promise<void>;
}

export type Ports = {
  readonly link: Link;
  readonly engine: EnginePort;
  readonly host: HostPort;
  readonly scan: ScanPort;
  readonly window: WindowPort;
  /** Calls of remembered computers are taken from then on: the person sees who is linked. */
  readonly takeCalls: () => void;
  readonly testServer: (server: ServerEntry, signal: AbortSignal) => Promise<ServerTestView>;
  readonly checkNetwork: (servers: readonly ServerEntry[], signal: AbortSignal) => Promise<NetworkView>;
  /** Electron only: dropped files become host items. */
  readonly stageDropped?: (files: readonly File[]) => Promise<readonly HostItem[]>;
  /** Electron only: the desktop takes what was received along with the pointer. To be called while a drag begins. */
  readonly dragOut?: (transfer: string) => void;
  /** Electron only: what became of the process that holds the files. */
  readonly onHostNews?: (listener: (news: HostNews) => void) => () => void;
  /** The guest page as it was built; absent on a guest page itself. */
  readonly guestPage?: () => Promise<Uint8Array<ArrayBuffer>>;
  /** Guest page only. */
  readonly received?: ReceivedFiles;
  readonly clock: Clock;
};
