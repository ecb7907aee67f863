// A stand-in for the `electron` module: the REAL built main, host process and preload run on it, with real Chromium pages, real
// processes, sockets and files. It does what docs/ELECTRON.md says that Electron does, as unpleasant as that is. It does not
// model: a world of its own for the preload, process sandboxes, the scheme `app:` inside Chromium (pages live at
// bundle.app.localhost), transfer of ports from the page to main, menus that can be clicked, and anything drawn by the
// desktop. Dialogs answer what a test queued; the rest is recorded.

import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted } from './ports.ts';
import { claimLock, type Launch } from './single-instance.ts';
import { UtilityProcess, utilities } from './utility-process.ts';
import { BrowserWindow, checks, mayNavigate, mayRequest, preventable, type WebContents } from './windows.ts';
import { openWire, requests, type SchemeHandler, schemes } from './wire.ts';
import type { FromPage } from './wire-messages.ts';

export { MessageChannelMain } from './ports.ts';
export { BrowserWindow };

/** For tests only: what was asked of the desktop, and what it answers. */
export const standIn = {
  asked: [] as string[],
  switches: [] as string[],
  dialogAnswers: [] as string[][],
  quitAnswers: [] as number[],
  copied: [] as string[],
  revealed: [] as string[],
  opened: [] as string[],
  notices: [] as Notification[],
  trays: [] as Tray[],
  awake: new Set<number>(),
  counted,
  utilities,
  mayNavigate,
  mayRequest,
  keychain: { isThere: false, isLocked: false },
  boxes: [] as string[],
  /** Questions that nobody has answered yet. */
  openBoxes: [] as ((response: number) => void)[],
};

class App extends EventEmitter {
  isPackaged = process.env.STANDIN_PACKAGED === '1';
  readonly commandLine = {
    appendSwitch: (name: string, value?: string) =>
      standIn.switches.push(value === undefined ? `--${name}` : `--${name}=${value}`),
  };
  readonly #paths = new Map<string, string>([
    ['userData', path.join(tmpdir(), `tincan-standin-${process.pid}`)],
    ['home', homedir()],
    ['temp', tmpdir()],
  ]);
  #leaving: Promise<void> = Promise.resolve();

  enableSandbox = () => void standIn.asked.push('sandbox');
  getVersion = () => '0.0.0-standin';
  getAppPath = () => root;
  setAppUserModelId = (id: string) => standIn.asked.push(`identity ${id}`) > 0;
  getPreferredSystemLanguages = () => ['en-US'];
  getName = () => 'Tincan';
  getPath = (name: string) => this.#paths.get(name) ?? path.join(tmpdir(), name);
  setPath = (name: string, value: string) => void this.#paths.set(name, value);
  setAsDefaultProtocolClient = (name: string) => standIn.asked.push(`protocol ${name}`) > 0;

  requestSingleInstanceLock(given: unknown): boolean {
    const dir = this.getPath('userData');
    try {
      mkdirSync(dir, { recursive: true });
    } catch {
      return false;
    }
    const claimed = claimLock(dir, given, ({ argv, cwd, data }: Launch) => {
      this.emit('second-instance', {}, argv, cwd, data);
    });
    if (claimed.isFirst) this.#release = claimed.release;
    else this.#leaving = claimed.told;
    return claimed.isFirst;
  }

  #release: (() => void) | undefined;
  releaseSingleInstanceLock(): void {
    this.#release?.();
    this.#release = undefined;
  }

  relaunch = ({ args }: { readonly args: readonly string[] }) => void standIn.asked.push(`relaunch ${args.join(' ')}`);

  #isReady = false;
  isReady = () => this.#isReady;

  async whenReady(): Promise<void> {
    const { origin } = await wire;
    takeSignals();
    this.#isReady = true;
    process.send?.({ is: 'ready', origin, switches: standIn.switches });
  }

  quit(): void {
    const event = preventable();
    this.emit('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of BrowserWindow.getAllWindows()) window.close();
    if (BrowserWindow.all.size > 0) return;
    void this.#leaving.then(() => this.exit(0));
  }

  exit(code: number): void {
    process.exit(code);
  }
}
export const app = new App();
const root = fileURLToPath(new URL('../../', import.meta.url));
// The app's folder stands where a person or a starter put it: before the app's own arguments, and not in a packaged app.
process.argv.splice(
  1,
  1,
  ...(app.isPackaged ? [] : [process.cwd() === root.replace(/.$/, '') ? '.' : app.getAppPath()]),
);

// Chromium's handlers: the first signal quits, and puts back the system's own handling, so that a second one ends the process
// (electron_browser_main_parts_posix.cc). They are set after the app's code is loaded and before `ready`: what Node set until
// then never runs, nor does what is added to it later, because Node asks the system once for each signal. What Node sets first
// after `ready` takes the place of Chromium's.
const quitSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const quitBySignal = () => app.quit();
const deafSignals = new Set<string | symbol>();
for (const signal of quitSignals) {
  process.once(signal, quitBySignal);
  process.on('newListener', (name: string | symbol, listener) => {
    if (name !== signal || listener === quitBySignal || !app.isReady()) return;
    // Afterwards: a signal without any listener would end the process.
    queueMicrotask(() => process.off(signal, deafSignals.has(signal) ? (listener as () => void) : quitBySignal));
  });
}
function takeSignals(): void {
  for (const signal of quitSignals) {
    for (const early of process.listeners(signal)) {
      if (early === quitBySignal) continue;
      deafSignals.add(signal);
      process.off(signal, early);
    }
  }
}
process.once('disconnect', () => process.exit(1));

const wire = openWire({
  hello(socket, number) {
    const contents = BrowserWindow.all.get(number)?.webContents;
    if (contents !== undefined) contents.socket = socket;
    return (message) => {
      if (contents !== undefined) void takeFromPage(contents, message);
    };
  },
});

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
  handle = (channel: string, handler: (event: unknown, ...args: unknown[]) => unknown) =>
    void this.handlers.set(channel, handler);
  removeHandler = (channel: string) => void this.handlers.delete(channel);
}
export const ipcMain = new IpcMain();

async function takeFromPage(contents: WebContents, message: FromPage): Promise<void> {
  const event = { sender: contents, senderFrame: contents.mainFrame };
  if (message.is === 'send') ipcMain.emit(message.channel, event, ...message.args);
  if (message.is === 'media') {
    contents.socket?.tell({ is: 'result', id: message.id, value: await askForMedia(contents, message.mediaTypes) });
  }
  if (message.is === 'invoke') {
    const { id, channel, args } = message;
    try {
      const handler = ipcMain.handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      contents.socket?.tell({ is: 'result', id, value: await handler(event, ...args) });
    } catch (error) {
      contents.socket?.tell({ is: 'error', id, message: `Error invoking remote method '${channel}': ${error}` });
    }
  }
}

type PermissionHandler = (
  contents: WebContents,
  permission: string,
  answer: (granted: boolean) => void,
  details: object,
) => void;
let permissionHandler: PermissionHandler | undefined;
type CheckHandler = (contents: null, permission: string, origin: string, details: object) => boolean;
let checkHandler: CheckHandler | undefined;

/** As Chromium asks before WebRTC lists the network interfaces (Blink's FilteringNetworkManager). Unasked means yes. */
checks.mayUseVideo = () => {
  const details = { mediaType: 'video', isMainFrame: true, requestingUrl: 'app://bundle/index.html' };
  return checkHandler?.(null, 'media', 'app://bundle/', details) ?? true;
};

function askForMedia(contents: WebContents, mediaTypes: readonly string[]): Promise<boolean> {
  const { url } = contents.mainFrame;
  return new Promise((resolve) => {
    if (permissionHandler === undefined) resolve(true);
    else permissionHandler(contents, 'media', resolve, { mediaTypes, isMainFrame: true, requestingUrl: url });
  });
}

export const session = {
  defaultSession: {
    protocol: { handle: (scheme: string, handler: SchemeHandler) => void schemes.set(scheme, handler) },
    webRequest: {
      onBeforeRequest: (listener: NonNullable<typeof requests.before>) => {
        requests.before = listener;
      },
    },
    setPermissionRequestHandler: (handler: PermissionHandler) => {
      permissionHandler = handler;
    },
    setPermissionCheckHandler: (handler: CheckHandler) => {
      checkHandler = handler;
    },
    setDevicePermissionHandler: () => undefined,
    setDisplayMediaRequestHandler: () => undefined,
  },
};
export const protocol = { registerSchemesAsPrivileged: () => void standIn.asked.push('schemes') };

export const utilityProcess = {
  fork(
    modulePath: string,
    args: readonly string[] = [],
    options: ConstructorParameters<typeof UtilityProcess>[2] = {},
  ) {
    if (!app.isReady()) throw new TypeError('utilityProcess cannot be created before app is ready.');
    return new UtilityProcess(modulePath, args, options);
  },
};

export const dialog = {
  async showOpenDialog() {
    const filePaths = standIn.dialogAnswers.shift() ?? [];
    return { canceled: filePaths.length === 0, filePaths };
  },
  showErrorBox(title: string) {
    standIn.boxes.push(title);
    process.send?.({ is: 'box', title });
  },
  async showMessageBox(...args: unknown[]) {
    standIn.boxes.push((args.at(-1) as { message: string }).message);
    return new Promise<{ readonly response: number }>((resolve) => {
      standIn.openBoxes.push((response) => resolve({ response }));
    });
  },
  showMessageBoxSync(...args: unknown[]) {
    standIn.asked.push((args.at(-1) as { message: string }).message);
    return standIn.quitAnswers.shift() ?? 0;
  },
};
export const shell = {
  showItemInFolder: (file: string) => void standIn.revealed.push(file),
  openPath(file: string): Promise<string> {
    standIn.opened.push(file);
    return process.platform === 'linux' ? new Promise(() => undefined) : Promise.resolve('');
  },
  openExternal: async (url: string) => void standIn.opened.push(url),
  trashItem: async (file: string) => renameSync(file, `${file}.trashed`),
};
export const clipboard = {
  writeText: async (text: string) => void standIn.copied.push(text),
  readText: async () => standIn.copied.at(-1) ?? '',
};
/** The asynchronous half; the other may block the app while the person is asked for a password. */
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => standIn.keychain.isThere,
  getSelectedStorageBackend: () => (standIn.keychain.isThere ? 'gnome_libsecret' : 'basic_text'),
  encryptStringAsync: async (plain: string) => Buffer.from([...plain].toReversed().join('')),
  async decryptStringAsync(sealed: Buffer) {
    if (standIn.keychain.isLocked) throw new Error('safeStorage.decryptStringAsync is temporarily unavailable.');
    return { shouldReEncrypt: false, result: [...sealed.toString()].toReversed().join('') };
  },
};
export const systemPreferences = { askForMediaAccess: async () => true };
export const powerMonitor = new EventEmitter();
export const powerSaveBlocker = {
  start(): number {
    const id = standIn.awake.size + 1;
    standIn.awake.add(id);
    return id;
  },
  stop: (id: number) => void standIn.awake.delete(id),
};
const workArea = { x: 0, y: 0, width: 1920, height: 1080 };
export const screen = { getDisplayMatching: () => ({ workArea }) };
export const Menu = { buildFromTemplate: (items: unknown) => items, setApplicationMenu: () => undefined };
export const nativeImage = {
  createFromPath: (file: string) => ({
    isEmpty: () => readFileSync(file).length === 0,
    setTemplateImage: () => undefined,
  }),
};

type MenuItem = { readonly label: string; click(): void };

export class Tray extends EventEmitter {
  isDestroyed = false;
  constructor() {
    super();
    standIn.trays.push(this);
  }
  menu: readonly MenuItem[] = [];
  setToolTip = () => undefined;
  setContextMenu = (menu: readonly MenuItem[]) => {
    this.menu = menu;
  };
  destroy(): void {
    this.isDestroyed = true;
  }
}

export class Notification extends EventEmitter {
  static isSupported = () => true;
  readonly options: { readonly title: string; readonly body: string };
  constructor(options: { readonly title: string; readonly body: string }) {
    super();
    this.options = options;
  }
  show(): void {
    standIn.notices.push(this);
  }
  isClosed = false;
  close(): void {
    this.isClosed = true;
  }
}

/** A test's own words, run here with this module in hand. */
process.on('message', ({ id, source, argument }: { id: number; source: string; argument: unknown }) => {
  const run = new Function('electron', 'argument', `return (${source})(electron, argument)`);
  Promise.resolve()
    .then(async () => run(await import('./electron.ts'), argument))
    .then(
      (value: unknown) => process.send?.({ is: 'answer', id, value }),
      (error: unknown) => process.send?.({ is: 'answer', id, error: String(error) }),
    );
});
