// Windows of the stand-in. The test's own process shows the pages; this one only says what to show, and hears of it.

import { EventEmitter } from 'node:events';
import type { MessagePortMain } from './ports.ts';
import { type PageSocket, requests } from './wire.ts';

export type ShowOrder =
  | {
      readonly is: 'load';
      readonly window: number;
      readonly url: string;
      readonly preload: string;
      /** What main says to Chromium's check. */
      readonly mayUseVideo: boolean;
    }
  | { readonly is: 'close'; readonly window: number };

/** What Chromium asks main of a page. */
export const checks = { mayUseVideo: () => true };

type Bounds = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
type WindowOptions = Partial<Bounds> & {
  readonly webPreferences: { readonly preload: string } & Readonly<Record<string, unknown>>;
};

export class WebContents extends EventEmitter {
  readonly mainFrame = { url: '' };
  socket: PageSocket | undefined;
  ipPolicy = '';
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });

  setWindowOpenHandler(handler: typeof this.openHandler): void {
    this.openHandler = handler;
  }

  setWebRTCIPHandlingPolicy(policy: string): void {
    this.ipPolicy = policy;
  }

  readonly dragged: string[] = [];

  startDrag({ file, icon }: { readonly file: string; readonly icon: { isEmpty(): boolean } }): void {
    if (icon.isEmpty()) throw new TypeError("Must specify non-empty 'icon' option");
    this.dragged.push(file);
  }

  postMessage(channel: string, message: unknown, ports: readonly MessagePortMain[] = []): void {
    const { socket } = this;
    const addresses = Promise.all(ports.map((port) => port.moveToPage()));
    // Where the process at the other end is gone already, the page waits for a port that never comes.
    void addresses.then(
      (at) => socket?.tell({ is: 'event', channel, message, ports: at }),
      () => undefined,
    );
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all = new Map<number, BrowserWindow>();
  static getAllWindows = () => [...BrowserWindow.all.values()];
  static getFocusedWindow = () => BrowserWindow.getAllWindows().find(({ isFocused }) => isFocused) ?? null;

  readonly id = nextId();
  readonly webContents = new WebContents();
  readonly options: WindowOptions;
  readonly progress: number[] = [];
  isFocused = false;
  isShown = false;
  #isGone = false;
  #bounds: Bounds;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
    BrowserWindow.all.set(this.id, this);
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame.url = url;
    const { preload } = this.options.webPreferences;
    tellTest({ is: 'load', window: this.id, url, preload, mayUseVideo: checks.mayUseVideo() });
  }

  /** What a person's click on the cross does. */
  close(): void {
    if (this.#isGone || !this.#asks('close')) return;
    this.destroy();
  }

  destroy(): void {
    this.#isGone = true;
    BrowserWindow.all.delete(this.id);
    tellTest({ is: 'close', window: this.id });
    this.emit('closed');
  }

  show(): void {
    this.isShown = true;
    this.emit('show');
  }

  hide(): void {
    this.isShown = false;
    this.emit('hide');
  }

  focus(): void {
    this.isFocused = true;
  }

  blur(): void {
    this.isFocused = false;
  }

  isDestroyed = () => this.#isGone;
  #isMinimized = false;
  isMinimized = () => this.#isMinimized;
  minimize(): void {
    this.#isMinimized = true;
  }
  restore(): void {
    this.#isMinimized = false;
  }
  getNormalBounds = () => this.#bounds;
  setBounds(bounds: Bounds): void {
    this.#bounds = bounds;
  }
  setProgressBar = (value: number) => this.progress.push(value);
  flashFrame = () => undefined;

  #asks(name: string): boolean {
    const event = preventable();
    this.emit(name, event);
    return !event.defaultPrevented;
  }
}

let lastId = 0;
function nextId(): number {
  lastId += 1;
  return lastId;
}

export function preventable() {
  return {
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}

/** Chromium wants to go there: would Electron have let it? */
export function mayNavigate(window: number, url: string): boolean {
  const contents = BrowserWindow.all.get(window)?.webContents;
  // In this order (shell/browser/electron_navigation_throttle.cc).
  const isPrevented = ['will-frame-navigate', 'will-navigate'].some((name) => {
    const event = { ...preventable(), url, isMainFrame: true };
    contents?.emit(name, event);
    return event.defaultPrevented;
  });
  return !isPrevented && mayRequest(url);
}

export function mayRequest(url: string): boolean {
  let isAllowed = true;
  requests.before?.({ url }, ({ cancel }) => {
    isAllowed = !cancel;
  });
  return isAllowed;
}

function tellTest(order: ShowOrder): void {
  process.send?.(order);
}
