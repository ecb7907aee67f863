// The connections between the two computers, as the link would make them: a new pairing, a standby connection that takes
// over, lanes beside it. The machines of `link/` do not run here; this does what they would tell the engine.

import { type ChannelEnd, channelBetween } from './channels.ts';
import type { Computer } from './computer.ts';
import { Crossing } from './crossing.ts';
import type { Page } from './page.ts';
import type { World } from './world.ts';

/** What connects two computers, and what becomes of it. */
export interface Joined {
  /** Both people see the link, and it works. */
  readonly isUp: boolean;
  /** A page is there, with nothing connected yet. */
  pageOpened(computer: Computer, page: Page, isAlive: () => boolean): void;
  pageGone(computer: Computer): void;
  /** `isFresh`: after new codes. Otherwise the link goes on over another connection. */
  connect(isFresh: boolean): void;
  /** At the end of a run, where another connection may take over without anybody's doing. */
  takeOver(): void;
  addLane(): void;
  killLane(): void;
  retireLane(): void;
  cut(how: 'both' | 'one'): void;
  stall(): void;
  slowOne(): void;
  flipBit(): void;
  /** A side that says next what the whole of a transfer is says something else. */
  changeRoot(): void;
  computerGone(): void;
  end(at: number): void;
  /** Nothing is wrong with the network any more. */
  mend(): void;
}

type Ends = readonly [ChannelEnd, ChannelEnd];
type Link = { readonly connection: number; readonly control: Ends; readonly lanes: Map<number, Ends> };

const messageBytes = 3_000;
const laneFullBytes = 12_000;

export class Connections implements Joined {
  readonly #world: World;
  readonly #crossing: Crossing;
  readonly #sides: readonly [Computer, Computer];
  #link: Link | undefined;
  #nextConnection = 1;
  #pairing = 0;

  constructor(world: World, sides: readonly [Computer, Computer]) {
    this.#world = world;
    this.#crossing = new Crossing(world);
    this.#sides = sides;
  }

  pageOpened(): void {
    // What connects it comes with the next pairing.
  }

  pageGone(): void {
    // Its channels are dead, as nobody is there who would hear anything.
  }

  mend(): void {
    // The next connection is a whole one.
  }

  get isUp(): boolean {
    return this.#link !== undefined && this.#pages().every((page) => page?.pairing === this.#pairing);
  }

  #pages(): readonly [Page | undefined, Page | undefined] {
    return [this.#sides[0].page, this.#sides[1].page];
  }

  #ends(): Ends {
    const of = ([...this.#pages()] as const).map((page, at) => () => this.#sides[at]!.page === page);
    return channelBetween(this.#world, this.#crossing, [of[0]!, of[1]!]);
  }

  /** `isFresh`: after new codes. Otherwise a standby connection takes over, which there are only once both said yes. */
  connect(isFresh: boolean): void {
    const pages = this.#pages();
    if (pages.some((page) => page === undefined)) return;
    if (!isFresh && !this.isUp) return;
    if (isFresh) this.#pairing += 1;
    this.#world.note(isFresh ? 'they pair' : 'a standby connection takes over');
    this.#world.count(isFresh ? 'pairing' : 'standby');
    const before = this.#link;
    for (const end of before?.control ?? []) end.isCut = true;
    for (const ends of before?.lanes.values() ?? []) for (const end of ends) end.isCut = true;
    const connection = this.#nextConnection++;
    const link: Link = { connection, control: this.#ends(), lanes: new Map([[connection, this.#ends()]]) };
    this.#link = link;
    for (const [at, page] of pages.entries()) {
      page!.engine.addControl(connection, link.control[at]!.asControl());
      page!.engine.addLane(connection, link.lanes.get(connection)![at]!.asLane(messageBytes, laneFullBytes));
      this.#soon(at, 60, (still) => this.#adopt(at, still, link, { isFresh, before }));
    }
  }

  takeOver(): void {
    this.connect(false);
  }

  #adopt(
    at: number,
    page: Page,
    link: Link,
    { isFresh, before }: { isFresh: boolean; before: Link | undefined },
  ): void {
    const { engine } = page;
    const { connection } = link;
    const drop = (still: Page) => {
      for (const old of before?.lanes.keys() ?? []) still.engine.command({ do: 'drop', connection: old });
    };
    if (page.adopted > connection) {
      drop(page);
      return;
    }
    page.adopted = connection;
    const pairing = this.#pairing;
    if (isFresh && this.#world.chance.hits(0.5)) engine.command({ do: 'end', say: 'nothing' });
    engine.command({
      do: 'adopt',
      connection,
      maxMessageBytes: messageBytes,
      binding: new Uint8Array(32),
      fresh: isFresh,
    });
    engine.command({ do: 'link-state', up: true });
    if (isFresh) {
      this.#soon(at, 40, (still) => {
        if (still.adopted !== connection) return;
        still.pairing = pairing;
        still.hasLeft = false;
        still.engine.command({ do: 'authorize', peerName: 'peer', checked: true });
      });
    }
    if (this.#world.chance.hits(0.5)) drop(page);
    else this.#soon(at, 200, drop);
  }

  addLane(): void {
    const link = this.#link;
    if (link === undefined || link.lanes.size >= 4 || !this.isUp) return;
    const connection = this.#nextConnection++;
    const ends = this.#ends();
    link.lanes.set(connection, ends);
    this.#world.count('lane opens');
    for (const [at, page] of this.#pages().entries()) {
      page!.engine.addLane(connection, ends[at]!.asLane(messageBytes, laneFullBytes));
      this.#use(at, connection);
    }
  }

  #use(at: number, connection: number): void {
    this.#soon(at, 20, (page) => {
      if (page.pairing === this.#pairing)
        page.engine.command({ do: 'lane', connection, maxMessageBytes: messageBytes });
    });
  }

  killLane(): void {
    const link = this.#link;
    if (link === undefined || link.lanes.size < 2) return;
    const [connection, ends] = this.#world.chance.pick([...link.lanes]);
    this.#world.count('lane dies');
    link.lanes.delete(connection);
    ends[0].giveUp();
  }

  /** Fewer are wanted: it is closed once both sides have nothing on it, or after a while; or it is wanted again first. */
  retireLane(): void {
    const link = this.#link;
    if (link === undefined || link.lanes.size < 2) return;
    const [connection, ends] = this.#world.chance.pick([...link.lanes]);
    if (connection === link.connection) return;
    this.#world.count('lane retires');
    for (const [at, page] of this.#pages().entries()) {
      page?.emptied.delete(connection);
      this.#soon(at, 20, (still) => still.engine.command({ do: 'retire', connection }));
    }
    const isWantedAgain = this.#world.chance.hits(0.2);
    const check = (more: number) => {
      if (this.#link !== link || !link.lanes.has(connection)) return;
      const isEmpty = this.#pages().every((page) => page?.emptied.has(connection) === true);
      if (!isEmpty && more > 0) this.#world.after(10, () => check(more - 1));
      else if (isWantedAgain) for (const at of [0, 1]) this.#use(at, connection);
      else {
        link.lanes.delete(connection);
        ends[0].giveUp();
      }
    };
    check(this.#world.chance.whole(0, 30));
  }

  /** Nothing more comes through, or only from one side to the other. The pages notice, or not. */
  cut(how: 'both' | 'one'): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#world.count(how === 'both' ? 'cut' : 'half-open');
    this.#world.note(`cut ${how}`);
    const which = this.#world.chance.whole(0, 2);
    for (const ends of [link.control, ...link.lanes.values()]) {
      for (const [at, end] of ends.entries()) if (how === 'both' || at === which) end.isCut = true;
    }
    for (const at of [0, 1]) {
      if (!this.#world.chance.hits(0.7)) continue;
      this.#soon(at, 100, (page) => {
        if (page.adopted === link.connection) page.engine.command({ do: 'link-state', up: false });
      });
    }
  }

  /** The same connection comes back with nothing lost. */
  stall(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#world.count('stall');
    const ms = this.#world.chance.between(10, 15_000);
    for (const ends of [link.control, ...link.lanes.values()]) for (const end of ends) end.stall(ms);
    for (const at of [0, 1]) {
      if (!this.#world.chance.hits(0.5)) continue;
      this.#sides[at]!.page?.engine.command({ do: 'link-state', up: false });
      this.#soon(at, ms, (page) => {
        if (page.adopted === link.connection) page.engine.command({ do: 'link-state', up: true });
      });
    }
  }

  /** One channel is slower than the others for a while. */
  slowOne(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#world.count('slow channel');
    this.#world.chance
      .pick(this.#world.chance.pick([link.control, ...link.lanes.values()]))
      .stall(this.#world.chance.between(5, 500));
  }

  /** What goes over one lane is changed on its way, once. */
  flipBit(): void {
    const link = this.#link;
    if (link === undefined || link.lanes.size === 0) return;
    this.#world.chance.pick(this.#world.chance.pick([...link.lanes.values()])).flips = 1;
  }

  changeRoot(): void {
    for (const end of this.#link?.control ?? []) end.wrongRoots = 1;
  }

  /** A program that died: its channels stay open on the other side. */
  computerGone(): void {
    const link = this.#link;
    if (link === undefined) return;
    for (const ends of [link.control, ...link.lanes.values()]) for (const end of ends) end.isCut = true;
  }

  /** A person disconnects. */
  end(at: number): void {
    this.#world.count('disconnect');
    const { page } = this.#sides[at]!;
    // The other one may not hear of it.
    if (page !== undefined) page.pairing = 0;
    page?.engine.command({ do: 'end', say: 'bye' });
  }

  #soon(at: number, ms: number, task: (page: Page) => void): void {
    const side = this.#sides[at]!;
    const { page } = side;
    this.#world.after(this.#world.chance.between(0, ms), () => {
      if (page !== undefined && side.page === page) task(page);
    });
  }
}
