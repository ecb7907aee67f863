// Two computers, two people, and what connects them, for one seed.

import { toHex } from '../shared/model/bytes.ts';
import type { TransferView } from '../shared/model/transfer.ts';
import { Computer, documents, downloads } from './computer.ts';
import { Connections, type Joined } from './connections.ts';
import { Oracle } from './oracle.ts';
import { PickedFile } from './picked-file.ts';
import { type Picked, Sources } from './sources.ts';
import type { World } from './world.ts';

export type Act = readonly [weight: number, name: string, act: (simulation: Simulation) => void];

export type Paces = readonly (readonly [weight: number, mostMs: number])[];

/** People do things at once, after a moment, after a while, and now and then they leave the room. */
const handPaces: Paces = [
  [20, 0],
  [61, 60],
  [16, 5_000],
  [3, 600_000],
];

export class Simulation {
  readonly world: World;
  readonly computers: readonly [Computer, Computer];
  readonly connections: Joined;
  readonly oracle: Oracle;
  readonly sources: ReadonlyMap<Computer, Sources>;
  readonly cancelled = new Set<string>();
  /** A journal of theirs was changed by something else. */
  readonly damaged = new Set<Computer>();
  /** Hashes that a sender remembers were changed by something else. */
  areHashesDamaged = false;
  /** A sender said something else of the whole than it meant. */
  areRootsChanged = false;
  /** Ends each trouble that is going on. */
  readonly troubles = new Set<() => void>();
  readonly #files: { readonly computer: Computer; readonly full: string }[] = [];
  #isPairingWanted = true;
  readonly rowListeners = new Set<(view: TransferView) => void>();
  /** Nothing goes wrong any more, and people only press what the screens offer. */
  isCalm = false;

  constructor(
    world: World,
    join: (world: World, sides: readonly [Computer, Computer]) => Joined = (...both) => new Connections(...both),
  ) {
    this.world = world;
    const make = (name: 'a' | 'b'): Computer => {
      const computer: Computer = new Computer(world, name, {
        transferChanged: (view) => this.#changed(computer, view),
        granted: (transfer) => this.oracle.granted(transfer),
        pageOpened: (page, isAlive) => this.connections.pageOpened(computer, page, isAlive),
        pageGone: () => this.connections.pageGone(computer),
      });
      return computer;
    };
    this.computers = [make('a'), make('b')];
    this.connections = join(world, this.computers);
    this.oracle = new Oracle(world, this.computers);
    this.sources = new Map(this.computers.map((computer) => [computer, new Sources(world, computer)]));
    for (const computer of this.computers) {
      this.#furnish(computer);
      computer.calls.onStrike = (how) => this.#strike(computer, how);
    }
  }

  /** What is in the destination before. */
  #furnish(computer: Computer): void {
    computer.act(() => {
      for (const name of ['mine.txt', 'same.bin', 'a0/0.txt', 'b0/0.txt']) {
        const bytes = new TextEncoder().encode(`${name} of ${computer.name}, from before`);
        const full = `${downloads}/${name}`;
        computer.files.makeFolders(full.slice(0, full.lastIndexOf('/')), 0o755);
        computer.files.write(computer.files.createFile(full, 0o644), bytes, 0);
        this.oracle.treasure(computer, name, bytes);
      }
      computer.files.hasLinks = this.world.chance.hits(0.8);
      computer.files.isWindows = this.world.chance.hits(0.15);
      computer.files.isCaseBlind = computer.files.isWindows || this.world.chance.hits(0.15);
      computer.files.syncAll();
    });
  }

  #changed(computer: Computer, view: TransferView): void {
    this.world.count(`${view.direction} ${view.state}`);
    this.oracle.shown(computer, view);
    this.oracle.ended(computer, view);
    for (const notify of this.rowListeners) notify(view);
  }

  async begin(): Promise<void> {
    for (const computer of this.computers) void computer.start();
    await this.world.pass(5_000, () => this.computers.every(({ isRunning }) => isRunning));
    this.connections.connect(true);
  }

  send(computer: Computer): void {
    const picked = computer.act(() => this.sources.get(computer)!.make());
    if (picked !== undefined) this.sendPicked(computer, picked);
  }

  sendSized(computer: Computer, sizes: readonly number[]): void {
    const picked = computer.act(() => this.sources.get(computer)!.makeSized(sizes));
    if (picked !== undefined) this.sendPicked(computer, picked);
  }

  sendPicked(computer: Computer, picked: Picked): void {
    const { page, host } = computer;
    if (page === undefined || host === undefined) return;
    const transfer = this.#newTransfer(computer, picked);
    void host.stagePaths([picked.top]).then((items) => {
      if (computer.page !== page || items.length === 0) return;
      page.engine.command({ do: 'send-items', items: items.map(({ id }) => id), transfer });
    });
  }

  /** The page holds the files itself, for as long as it lives. */
  sendFromPage(computer: Computer): void {
    const { page } = computer;
    const picked = computer.act(() => this.sources.get(computer)!.make());
    if (page === undefined || picked === undefined) return;
    const named = (full: string) => full.slice(documents.length + 1).split('/');
    const files = picked.files.map((full) => ({
      path: named(full),
      file: new PickedFile(this.world, computer, full),
    }));
    for (const full of picked.files) this.sources.get(computer)!.heldByPage.add(full);
    const transfer = this.#newTransfer(computer, picked);
    this.world.count('send from the page');
    const emptyFolders = files.length === 0 ? [named(picked.top)] : [];
    page.engine.command({ do: 'send-files', files, emptyFolders, transfer });
  }

  #newTransfer(computer: Computer, picked: Picked): string {
    const bytes = new Uint8Array(16);
    this.world.chance.fill(bytes);
    const transfer = toHex(bytes);
    const [a, b] = this.computers;
    const sources = this.sources.get(computer)!;
    this.oracle.sent.set(transfer, { picked, sources, from: computer, to: computer === a ? b : a });
    this.#files.push(...picked.files.map((full) => ({ computer, full })));
    this.world.note(`${computer.name} sends ${transfer.slice(0, 6)}: ${picked.top} with ${picked.files.length}`);
    this.world.moment('somebody sends');
    return transfer;
  }

  disturbSource(computer: Computer): void {
    const own = this.#files.filter((file) => file.computer === computer);
    if (own.length === 0) return;
    const { full } = this.world.chance.pick(own);
    const how = computer.act(() => this.sources.get(computer)!.disturb(full));
    this.world.note(`${computer.name} ${how ?? 'cannot change'}: ${full}`);
  }

  crash(computer: Computer): void {
    const checkForgotten = this.oracle.beforePowerCut(computer);
    computer.crash();
    this.oracle.checkAll(computer, false);
    if (this.damaged.has(computer)) return;
    this.oracle.checkJournals(computer);
    checkForgotten();
  }

  /** In the middle of a disk call. */
  #strike(computer: Computer, how: 'crash' | 'kill'): void {
    this.connections.computerGone();
    if (how === 'crash') this.crash(computer);
    else computer.kill();
    this.world.after(50, () => this.bringBack(computer));
  }

  bringBack(computer: Computer): void {
    void computer.start().then(() => {
      if (this.#isPairingWanted && this.computers.every(({ isRunning }) => isRunning)) this.connections.connect(true);
    });
  }

  disconnect(computer: Computer): void {
    this.connections.end(this.computers.indexOf(computer));
    this.world.after(this.world.chance.between(0, 200), () => this.connections.connect(true));
  }

  /** One thing is done or goes wrong, and some time passes. */
  async step(acts: readonly Act[], paces: Paces = handPaces): Promise<void> {
    const { world } = this;
    const [, name, act] = world.chance.weighted(acts.map((each) => [each[0], each] as const));
    world.note(`· ${name}`);
    world.count(name);
    act(this);
    this.oracle.check(this.computers);
    await world.pass(world.chance.upTo(paces));
    this.oracle.check(this.computers);
  }
}
