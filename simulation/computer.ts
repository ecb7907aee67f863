// One computer: its disk, the host process and the page on it, and what may happen to each of them.

import { openPageServer, type PageServer } from '../electron/page-server.ts';
import { openPatientDisk } from '../host/disk/patient-disk.ts';
import type { Host } from '../host/host.ts';
import { openHost } from '../host/open-host.ts';
import { openPipe } from './bridge-pipe.ts';
import { DiskCalls } from './disk/disk-calls.ts';
import { DiskError, FileSystem } from './disk/file-system.ts';
import { openSimulatedDisk } from './disk/simulated-disk.ts';
import { homeFolder } from './guard.ts';
import { Page, type PageListener } from './page.ts';
import type { World } from './world.ts';

export const downloads = `${homeFolder}/Downloads`;
export const documents = `${homeFolder}/Documents`;
export const dataFolder = `${homeFolder}/.config/tincan`;
export const trashFolder = `${homeFolder}/.trash`;
const diskBytes = 4_000_000;
/** Most scanners look at the beginning of a file; now and then one takes its time. */
const scans = [
  [600, 0],
  [300, 60],
  [98, 900],
  [2, 3_000],
] as const;

export type ComputerListener = PageListener & {
  pageOpened(page: Page, isAlive: () => boolean): void;
  pageGone(): void;
};

type App = { readonly host: Host; readonly pages: PageServer };

export class Computer {
  readonly name: 'a' | 'b';
  readonly files: FileSystem;
  readonly calls: DiskCalls;
  page: Page | undefined;
  readonly #world: World;
  readonly #listener: ComputerListener;
  readonly #locks = new Map<string, () => boolean>();
  #app: App | undefined;
  /** Of the program and of its page: what belongs to an earlier one is dead. */
  #run = 0;
  #pageRun = 0;
  #isStarting = false;
  readonly #trashed: string[] = [];
  /** When the program was ended by something else than a person who quits it. */
  readonly endedMs: number[] = [];
  hasLostPower = false;
  /** When the person moved the destination away, while it is. */
  movedMs: number | undefined;
  /** Names that change meanwhile are changed by the person, not by Tincan. */
  isPersonActing = false;

  constructor(world: World, name: 'a' | 'b', listener: ComputerListener) {
    this.#world = world;
    this.name = name;
    this.#listener = listener;
    this.files = new FileSystem(() => world.wallClockMs + (world.nowMs % 1), diskBytes);
    this.calls = new DiskCalls(world, name);
    this.files.scanMs = () => world.chance.upTo(scans);
    for (const folder of [downloads, documents, trashFolder, dataFolder]) this.files.makeFolders(folder, 0o755);
    this.files.syncAll();
  }

  /** The person works with the disk, as far as it lets them. */
  act<T>(work: () => T): T | undefined {
    this.isPersonActing = true;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return undefined;
    } finally {
      this.isPersonActing = false;
    }
  }

  /** What a file in the trash was called in the destination. */
  trashedAs(name: string): string {
    return this.#trashed[Number(name)] ?? name;
  }

  get host(): Host | undefined {
    return this.#app?.host;
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  /** The person tries something again. */
  after(ms: number, task: () => void): void {
    this.#world.after(ms, task);
  }

  note(what: string): void {
    this.#world.note(`${this.name} ${what}`);
  }

  /** Does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#app !== undefined || this.#isStarting) return;
    this.#isStarting = true;
    const run = ++this.#run;
    const isAlive = () => this.#run === run;
    this.note('starts');
    const { files, calls } = this;
    const clock = this.#world.clock(isAlive);
    const plain = openSimulatedDisk({ world: this.#world, files, calls, isAlive, locks: this.#locks });
    const disk = files.isWindows ? openPatientDisk(plain, clock) : plain;
    try {
      const host = await openHost({
        ...{ disk, dataDir: dataFolder, version: '0.1.0', clock },
        services: {
          ...{ kind: 'browser', dialogs: false, folderDialog: false },
          pickFiles: async () => [],
          pickFolderToSend: async () => [],
          pickDestination: async () => undefined,
          reveal: async () => undefined,
          openFile: async () => undefined,
          openLink: async () => undefined,
          trash: async (file) => {
            const at = this.#trashed.push(file.slice(downloads.length + 1)) - 1;
            await disk.rename(file, `${trashFolder}/${at}`);
            await disk.syncFolder(trashFolder);
          },
          notify: () => undefined,
          showProgress: () => undefined,
          copy: async () => undefined,
          readCode: async () => null,
          setScanning: () => undefined,
          guestPage: async () => new Uint8Array(),
        },
      });
      // Sockets are not simulated: what would open some is off, as a person may have it.
      await host.ui['settings.write']({ nearReplies: false, nearKnown: false, directLane: false });
      if (!isAlive()) return;
      this.#app = { host, pages: openPageServer(host) };
      this.note('runs');
      this.openPage();
    } catch (error) {
      if (!isAlive()) return;
      this.note(`does not start: ${String(error)}`);
      this.#world.count('did not start');
      this.#run += 1;
    }
    this.#isStarting = false;
  }

  openPage(): void {
    if (this.#app === undefined) return;
    const { pages } = this.#app;
    const run = this.#run;
    const page = ++this.#pageRun;
    const isHostAlive = () => this.#run === run;
    const isPageAlive = () => isHostAlive() && this.#pageRun === page;
    const world = this.#world;
    const [ui, uiHost] = openPipe(world, isPageAlive, isHostAlive);
    const [engine, engineHost] = openPipe(world, isPageAlive, isHostAlive);
    void pages.serve('ui', uiHost);
    void pages.serve('engine', engineHost);
    this.#listener.pageGone();
    this.page = new Page(world, this.name, { ui, engine }, isPageAlive, this.#listener);
    this.#listener.pageOpened(this.page, isPageAlive);
  }

  /** The page is reloaded, or crashes and comes back. */
  reload(): void {
    if (this.#app === undefined) return;
    this.note('page reloads');
    this.openPage();
  }

  /** As the person closes it: everything is put away first. */
  async quit(): Promise<void> {
    const app = this.#app;
    if (app === undefined) return;
    this.note('quits');
    this.#app = undefined;
    this.#pageRun += 1;
    this.page = undefined;
    this.#listener.pageGone();
    this.#isStarting = true;
    const run = this.#run;
    await app.pages.close();
    await app.host.close();
    if (this.#run !== run) return;
    this.note('has quit');
    this.#run += 1;
    this.files.closeAll();
    this.#isStarting = false;
  }

  /** The program ends in the middle of whatever it does; the disk has everything that it was told. */
  kill(): void {
    this.note('is killed');
    this.#end();
    this.files.closeAll();
  }

  /** The power goes: what was not synced is there, or not, or in pieces. */
  crash(): void {
    this.#end();
    this.hasLostPower = true;
    this.note(`loses power, keeps ${this.files.crash(this.#world.chance)}`);
  }

  get isRunning(): boolean {
    return this.#app !== undefined;
  }

  get isOff(): boolean {
    return this.#app === undefined && !this.#isStarting;
  }

  #end(): void {
    this.endedMs.push(this.#world.nowMs);
    this.#run += 1;
    this.#pageRun += 1;
    this.#app = undefined;
    this.page = undefined;
    this.#listener.pageGone();
    this.#isStarting = false;
  }
}
