// A stand-in for the electron module that records what the shell asks for. It proves the asking, not what Electron does.

import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { vi } from 'vitest';

/** Everything asked for, in order. */
export const asked: string[] = [];
export const switches: [string, string | undefined][] = [];
export const schemes: { scheme: string; privileges: Record<string, boolean> }[] = [];
export const protocolHandlers = new Map<string, (request: { url: string; method: string }) => Promise<Response>>();
export const invokeHandlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
export const windows: BrowserWindow[] = [];
export const answers = { quit: 0, singleInstance: true };

class App extends EventEmitter {
  isPackaged = true;
  readonly exits: number[] = [];
  quits = 0;
  enableSandbox = () => asked.push('enableSandbox');
  commandLine = { appendSwitch: (name: string, value?: string) => switches.push([name, value]) };
  launch: unknown;
  requestSingleInstanceLock = (data: unknown) => {
    this.launch = data;
    return answers.singleInstance;
  };
  hasLock = true;
  releaseSingleInstanceLock = () => {
    this.hasLock = false;
  };
  readonly relaunches: (readonly string[])[] = [];
  relaunch = ({ args }: { readonly args: readonly string[] }) => this.relaunches.push(args);
  whenReady = async () => {
    asked.push('ready');
  };
  getAppPath = () => '/opt/tincan';
  setAppUserModelId = (id: string) => asked.push(`identity ${id}`);
  setAsDefaultProtocolClient = (name: string) => asked.push(`protocol ${name}`);
  setPath = (name: string, value: string) => this.paths.set(name, value);
  getPath = (name: string) => this.paths.get(name) ?? '/nowhere';
  getPreferredSystemLanguages = () => this.languages;
  languages = ['en-GB'];
  getVersion = () => '0.0.0';
  setLoginItemSettings = () => asked.push('autostart');
  exit = (code: number) => this.exits.push(code);
  quit = () => {
    this.quits += 1;
  };
  readonly paths = new Map<string, string>();
}
export const app = new App();

export class WebContents extends EventEmitter {
  readonly mainFrame = { url: 'app://bundle/index.html' };
  readonly posted: { channel: string; message: unknown; ports: unknown[] }[] = [];
  openHandler: ((details: { url: string }) => unknown) | undefined;
  ipPolicy = '';
  setWindowOpenHandler = (handler: (details: { url: string }) => unknown) => {
    this.openHandler = handler;
  };
  readonly dragged: string[] = [];
  startDrag = ({ file }: { readonly file: string }) => this.dragged.push(file);
  setWebRTCIPHandlingPolicy = (policy: string) => {
    this.ipPolicy = policy;
  };
  postMessage = (channel: string, message: unknown, ports: unknown[]) => this.posted.push({ channel, message, ports });
}

export class BrowserWindow extends EventEmitter {
  static getAllWindows = () => windows;
  readonly webContents = new WebContents();
  readonly loaded: string[] = [];
  readonly progress: number[] = [];
  visible = false;
  readonly options: Record<string, unknown>;
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    windows.push(this);
  }
  loadURL = async (url: string) => {
    this.loaded.push(url);
  };
  isDestroyed = () => false;
  isMinimized = () => false;
  restore = () => undefined;
  show = () => {
    this.visible = true;
  };
  hide = () => {
    this.visible = false;
  };
  minimized = false;
  minimize = () => {
    this.minimized = true;
  };
  focus = () => undefined;
  getNormalBounds = () => ({ x: 0, y: 0, width: 800, height: 600 });
  setProgressBar = (value: number) => this.progress.push(value);
}

/** The handlers that were set on the session, to be asked by a test. */
export const guards: {
  before?: (details: { url: string }, answer: (verdict: { cancel: boolean }) => void) => void;
  request?: (contents: unknown, permission: string, answer: (granted: boolean) => void, details: object) => void;
  check?: (contents: unknown, permission: string, origin: string, details: object) => boolean;
  device?: () => boolean;
  display?: (request: unknown, answer: (streams: object) => void) => void;
} = {};

const keep =
  <K extends keyof typeof guards>(name: K) =>
  (handler: NonNullable<(typeof guards)[K]>) => {
    guards[name] = handler;
  };

export const session = {
  defaultSession: {
    protocol: {
      handle: (scheme: string, handler: (request: { url: string; method: string }) => Promise<Response>) =>
        protocolHandlers.set(scheme, handler),
    },
    webRequest: { onBeforeRequest: keep('before') },
    setPermissionRequestHandler: keep('request'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('display'),
  },
};

export const protocol = {
  registerSchemesAsPrivileged: (list: typeof schemes) => {
    asked.push('schemes');
    schemes.push(...list);
  },
};

class IpcMain extends EventEmitter {
  handle = (channel: string, handler: (event: unknown, ...args: unknown[]) => unknown) =>
    invokeHandlers.set(channel, handler);
  removeHandler = (channel: string) => invokeHandlers.delete(channel);
}
export const ipcMain = new IpcMain();

/** Electron's ports wrap what they carry in `data` and are event emitters; Node's do the carrying here. */
class PortMain extends EventEmitter {
  readonly #port: import('node:worker_threads').MessagePort;
  constructor(port: import('node:worker_threads').MessagePort) {
    super();
    this.#port = port;
  }
  start = () => {
    this.#port.on('message', (data) => this.emit('message', { data, ports: [] }));
    this.#port.on('close', () => this.emit('close'));
  };
  postMessage = (message: unknown) => this.#port.postMessage(message);
  close = () => this.#port.close();
}
export class MessageChannelMain {
  readonly port1: PortMain;
  readonly port2: PortMain;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new PortMain(port1);
    this.port2 = new PortMain(port2);
  }
}

type ForkOptions = { readonly env?: NodeJS.ProcessEnv };

/** Main's side of the host process. What the other side would be is up to a test. */
export class UtilityProcess extends EventEmitter {
  readonly entry: string;
  /** What is given takes the place of main's own. */
  readonly env: NodeJS.ProcessEnv;
  readonly toHost = new EventEmitter();
  readonly kill = vi.fn(() => {
    this.emit('exit', 0);
    return true;
  });
  constructor(entry: string, { env = process.env }: ForkOptions) {
    super();
    this.entry = entry;
    this.env = env;
  }
  postMessage(message: unknown, ports: readonly unknown[] = []): void {
    this.toHost.emit('message', structuredClone(message), ports);
  }
}
export const hosts: UtilityProcess[] = [];
export const onFork: { run(host: UtilityProcess): void } = { run: () => undefined };
export const utilityProcess = {
  fork(entry: string, _args: readonly string[], options: ForkOptions) {
    asked.push('fork');
    const host = new UtilityProcess(entry, options);
    hosts.push(host);
    onFork.run(host);
    return host;
  },
};
export const systemPreferences = { askForMediaAccess: vi.fn(async () => true) };

export const dialog = {
  showMessageBox: vi.fn(async (..._asked: unknown[]) => ({ response: 0 })),
  showMessageBoxSync: vi.fn((_options: object) => answers.quit),
  showOpenDialog: vi.fn(),
  showErrorBox: vi.fn((_title: string, _content: string) => undefined),
};
export const shell = { showItemInFolder: vi.fn(), trashItem: vi.fn(), openExternal: vi.fn(), openPath: vi.fn() };
export const clipboard = { writeText: vi.fn(async () => undefined), readText: vi.fn(async () => '') };
/** A keychain that turns text round; tests set what the system says of it. */
export const keychain = { available: true, locked: false, backend: 'gnome_libsecret' };
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => keychain.available,
  getSelectedStorageBackend: () => keychain.backend,
  encryptStringAsync: async (plain: string) => Buffer.from([...plain].toReversed().join('')),
  async decryptStringAsync(sealed: Buffer) {
    if (keychain.locked)
      throw new Error('safeStorage.decryptStringAsync is temporarily unavailable. Please try again.');
    return { shouldReEncrypt: false, result: [...sealed.toString()].toReversed().join('') };
  },
};
export const powerMonitor = new EventEmitter();
export const blockers = new Set<number>();
export const powerSaveBlocker = {
  start: () => {
    blockers.add(1);
    return 1;
  },
  stop: (id: number) => blockers.delete(id),
};
export const screen = { getDisplayMatching: () => ({ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }) };
export const menus: { label?: string; role?: string; submenu?: { role?: string }[] }[][] = [];
export const Menu = {
  buildFromTemplate: (items: (typeof menus)[number]) => items,
  setApplicationMenu: (m: never) => menus.push(m),
};
export const templates: boolean[] = [];
export const nativeImage = {
  createFromPath: () => ({ setTemplateImage: (isTemplate: boolean) => templates.push(isTemplate) }),
};
export const trays: Tray[] = [];
export class Tray extends EventEmitter {
  destroyed = false;
  constructor() {
    super();
    trays.push(this);
  }
  setToolTip = (tip: string) => {
    this.tip = tip;
  };
  tip = '';
  menu: readonly { readonly label?: string; click?(): void }[] = [];
  setContextMenu = (menu: never) => {
    this.menu = menu;
  };
  destroy = () => {
    this.destroyed = true;
  };
}
/** What the system shows. */
export const notified: { readonly title: string; readonly body: string }[] = [];
export class Notification extends EventEmitter {
  static isSupported = () => true;
  readonly #content: (typeof notified)[number];
  constructor(content: (typeof notified)[number]) {
    super();
    this.#content = content;
  }
  show = () => notified.push(this.#content);
  close = () => {
    const at = notified.indexOf(this.#content);
    if (at >= 0) notified.splice(at, 1);
  };
}
