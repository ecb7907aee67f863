// Two computers and everything that happens to them in one ride: people who click at random on both sides, lanes that die,
// links that flap, pages and apps that are killed. Then calm comes: what is still unfinished has to end, and end well.

import { createHash } from 'node:crypto';
import type { MemoryFile } from './memory-files.ts';
import { isOver, judge } from './ride-verdict.ts';
import { controlOver, End, laneOver } from './simulated-channels.ts';
import { Computer } from './simulated-computer.ts';
import { Weather } from './simulated-time.ts';

type Link = { readonly connection: number; readonly controls: [End, End]; readonly lanes: Map<number, [End, End]> };
type Act = readonly [weight: number, what: string, act: (ride: Ride) => void];

export class Ride {
  readonly weather: Weather;
  readonly log: string[] = [];
  readonly sides: readonly [Computer, Computer];
  readonly sent = new Map<string, readonly MemoryFile[]>();
  #link: Link | undefined;
  #nextConnection = 1;
  #adopting = 0;
  /** The newest; a side whose link is authorized knows its number. */
  #pairing = 0;

  constructor(seed: number) {
    this.weather = new Weather(seed);
    this.sides = [new Computer('a', this.weather, this.log), new Computer('b', this.weather, this.log)];
  }

  note(what: string): void {
    this.log.push(`${this.weather.now.toFixed(1).padStart(8)}   ${what}`);
  }

  /** `fresh` as after a new code; otherwise a spare took over, which there are only once both gates are open. */
  connect(fresh: boolean): void {
    const before = this.#link;
    if (!fresh && !this.#isPastGates) return;
    if (fresh) this.#pairing += 1;
    this.note(fresh ? 'pairing' : 'a spare takes over');
    if (before !== undefined) for (const end of before.controls) end.isCut = true;
    for (const pair of before?.lanes.values() ?? []) for (const end of pair) end.isCut = true;
    const connection = this.#nextConnection++;
    const link: Link = { connection, controls: this.#ends(), lanes: new Map([[connection, this.#ends()]]) };
    this.#link = link;
    this.#adopting += 2;
    for (const [at, side] of this.sides.entries()) {
      side.engine.addControl(connection, controlOver(link.controls[at]!));
      side.engine.addLane(connection, laneOver(link.lanes.get(connection)![at]!));
      this.#soon(
        side,
        60,
        () => this.#adopt(side, link, fresh, before),
        () => {
          this.#adopting -= 1;
        },
      );
    }
  }

  get #isPastGates(): boolean {
    return this.sides.every(({ authorized }) => authorized === this.#pairing);
  }

  get isSettling(): boolean {
    return this.#adopting > 0;
  }

  #adopt(side: Computer, link: Link, fresh: boolean, before: Link | undefined): void {
    const { engine } = side;
    const { connection } = link;
    const drop = () => {
      for (const old of before?.lanes.keys() ?? []) engine.command({ do: 'drop', connection: old });
    };
    if (side.adopted > connection) {
      drop();
      return;
    }
    side.adopted = connection;
    const pairing = this.#pairing;
    if (fresh && before !== undefined && this.weather.chance(0.5)) engine.command({ do: 'end', say: 'nothing' });
    side.note(`adopts ${connection}`);
    engine.command({ do: 'adopt', connection, maxMessageBytes: 3_000, binding: new Uint8Array(32), fresh });
    engine.command({ do: 'link-state', up: true });
    const authorize = () => {
      if (side.adopted !== connection) return;
      side.authorized = pairing;
      engine.command({ do: 'authorize', peerName: 'p', checked: true });
    };
    if (fresh) this.#soon(side, 40, authorize);
    if (this.weather.chance(0.5)) drop();
    else this.#soon(side, 200, drop);
  }

  addLane(): void {
    const link = this.#link;
    if (link === undefined || link.lanes.size >= 4 || !this.#isPastGates) return;
    const connection = this.#nextConnection++;
    const ends = this.#ends();
    link.lanes.set(connection, ends);
    this.note(`lane ${connection}`);
    for (const [at, side] of this.sides.entries()) {
      side.engine.addLane(connection, laneOver(ends[at]!));
      this.#use(side, connection);
    }
  }

  #use(side: Computer, connection: number): void {
    this.#soon(side, 20, () => {
      if (side.authorized === this.#pairing) side.engine.command({ do: 'lane', connection, maxMessageBytes: 3_000 });
    });
  }

  killLane(): void {
    const lanes = [...(this.#link?.lanes ?? [])];
    if (lanes.length < 2) return;
    const [connection, ends] = this.weather.pick(lanes);
    this.note(`lane ${connection} dies`);
    this.#link!.lanes.delete(connection);
    ends[0].close();
  }

  /** Fewer are wanted: it is closed once both sides have nothing on it, or after a while; or it is wanted again first. */
  retireLane(): void {
    const lanes = [...(this.#link?.lanes ?? [])];
    if (lanes.length < 2) return;
    const [connection, ends] = this.weather.pick(lanes);
    if (connection === this.#link!.connection) return;
    const { lanes: open } = this.#link!;
    this.note(`lane ${connection} retires`);
    for (const side of this.sides) {
      side.emptied.delete(connection);
      this.#soon(side, 20, () => side.engine.command({ do: 'retire', connection }));
    }
    const isWantedAgain = this.weather.chance(0.2);
    const look = (more: number) => {
      if (!open.has(connection)) return;
      const isEmpty = this.sides.every(({ emptied }) => emptied.has(connection));
      if (!isEmpty && more > 0) this.weather.after(10, () => look(more - 1));
      else if (isWantedAgain) {
        for (const side of this.sides) this.#use(side, connection);
      } else {
        this.note(`lane ${connection} ${isEmpty ? 'is empty' : 'has had its time'}`);
        open.delete(connection);
        ends[0].close();
      }
    };
    look(this.weather.between(0, 30));
  }

  /** Nothing more comes through; the pages notice, or not. */
  cut(): void {
    this.note('cut');
    const link = this.#link;
    if (link === undefined) return;
    for (const pair of [link.controls, ...link.lanes.values()]) for (const end of pair) end.isCut = true;
    for (const side of this.sides) {
      if (this.weather.chance(0.7)) this.#linkState(side, link, 100, false);
    }
  }

  /** A person disconnects; then they pair once more. */
  partWays(side: Computer): void {
    side.note('disconnects');
    side.engine.command({ do: 'end', say: 'bye' });
    this.weather.after(this.weather.between(0, 100), () => this.connect(true));
  }

  /** One channel is slower than the others for a while. */
  slow(): void {
    const link = this.#link;
    if (link === undefined) return;
    const pair = this.weather.pick([link.controls, ...link.lanes.values()]);
    this.weather.pick(pair).stall(this.weather.between(5, 100));
  }

  /** The same connection comes back with nothing lost. */
  stall(): void {
    this.note('stall');
    const link = this.#link;
    if (link === undefined) return;
    const ms = this.weather.between(10, 300);
    for (const pair of [link.controls, ...link.lanes.values()]) for (const end of pair) end.stall(ms);
    for (const side of this.sides) {
      if (!this.weather.chance(0.5)) continue;
      side.engine.command({ do: 'link-state', up: false });
      this.#linkState(side, link, ms, true);
    }
  }

  /** The killed side's channels stay open on the other side: it learns of it when they pair again. */
  killPage(side: Computer): void {
    this.cut();
    side.kill(this.weather.chance(0.5) ? 'goes-on' : 'dies');
    this.connect(true);
  }

  send(side: Computer): void {
    const { weather } = this;
    const id = createHash('sha256').update(`${this.sent.size} ${weather.random()}`).digest('hex').slice(0, 32);
    const count = 1 + Math.floor(weather.between(0, 4));
    const files = Array.from({ length: count }, (_, at): MemoryFile => {
      const bytes = Uint8Array.from({ length: Math.floor(weather.between(0, 18_000)) }, () => weather.between(0, 256));
      return { path: [id.slice(0, 4), `${at}`], bytes: weather.chance(0.1) ? 'missing' : bytes };
    });
    this.sent.set(id, files);
    side.disk.items.set(id, files);
    side.note(`sends ${id.slice(0, 4)}: ${files.map(({ bytes }) => bytes.length).join(' ')}`);
    side.engine.command({ do: 'send-items', items: [id], transfer: id });
  }

  press(side: Computer, button: 'pause' | 'resume' | 'cancel' | 'retry'): void {
    const ids = [...side.views.keys()];
    if (ids.length === 0) return;
    const transfer = this.weather.pick(ids);
    side.note(`presses ${button} ${transfer.slice(0, 4)}`);
    side.engine.command({ do: button, transfer });
    // The other person has the same idea.
    if (this.weather.chance(0.3)) {
      const other = this.sides[side === this.sides[0] ? 1 : 0];
      if (other.views.has(transfer)) other.note(`presses ${button} ${transfer.slice(0, 4)}`);
      if (other.views.has(transfer)) other.engine.command({ do: button, transfer });
    }
  }

  answerOne(side: Computer): void {
    const [transfer] = side.offers;
    if (transfer === undefined) return;
    if (this.weather.chance(0.8)) {
      side.answer(transfer);
      return;
    }
    side.offers.delete(transfer);
    side.engine.command({ do: 'decline', transfer });
  }

  /** Everything a person could do to get on: pair again, go on, make room, say yes. */
  async calm(): Promise<void> {
    this.note('calm');
    for (const side of this.sides) {
      side.disk.isFull = false;
      side.disk.writesSlowly = false;
      side.isAnswering = true;
      for (const transfer of [...side.offers]) side.answer(transfer);
    }
    await this.weather.pass(3_000, () => !this.isSettling);
    if (this.weather.chance(0.5)) this.connect(false);
    await this.weather.pass(3_000, () => !this.isSettling);
    for (const side of this.sides) {
      for (const transfer of side.views.keys()) side.engine.command({ do: 'resume', transfer });
    }
    await this.weather.pass(20_000, () => this.isStill);
    // What failed on the way is brought back by a new code.
    this.connect(true);
    await this.weather.pass(1_000);
    await this.weather.pass(60_000, () => this.isStill);
    await this.weather.pass(300);
  }

  /** No row moves, and no page waits for its disk or its person. */
  get isStill(): boolean {
    return this.sides.every(({ views }) => [...views.values()].every(({ state }) => isOver(state)));
  }

  #ends(): [End, End] {
    const [a, b] = [new End(this.weather), new End(this.weather)];
    a.other = b;
    b.other = a;
    return [a, b];
  }

  #linkState(side: Computer, { connection }: Link, ms: number, up: boolean): void {
    this.#soon(side, ms, () => {
      if (side.adopted === connection) side.engine.command({ do: 'link-state', up });
    });
  }

  #soon(side: Computer, ms: number, task: () => void, always: () => void = () => undefined): void {
    const { page } = side;
    this.weather.after(this.weather.between(0, ms), () => {
      if (side.page === page) task();
      always();
    });
  }
}

const anySide = (ride: Ride): Computer => ride.weather.pick(ride.sides);
const acts: readonly Act[] = [
  [20, 'send', (ride) => ride.send(anySide(ride))],
  [30, 'answer', (ride) => ride.answerOne(anySide(ride))],
  [10, 'pause', (ride) => ride.press(anySide(ride), 'pause')],
  [14, 'resume', (ride) => ride.press(anySide(ride), 'resume')],
  [5, 'cancel', (ride) => ride.press(anySide(ride), 'cancel')],
  [8, 'retry', (ride) => ride.press(anySide(ride), 'retry')],
  [10, 'lane', (ride) => ride.addLane()],
  [10, 'lane dies', (ride) => ride.killLane()],
  [10, 'lane retires', (ride) => ride.retireLane()],
  [8, 'stall', (ride) => ride.stall()],
  [8, 'slow', (ride) => ride.slow()],
  [2, 'bye', (ride) => ride.partWays(anySide(ride))],
  [6, 'disk', (ride) => toggleRoom(anySide(ride))],
  [6, 'slow disk', (ride) => toggleSpeed(anySide(ride))],
  [5, 'cut', (ride) => ride.cut()],
  [8, 'spare', (ride) => ride.connect(false)],
  [5, 'pair', (ride) => ride.connect(true)],
  [4, 'kill', (ride) => ride.killPage(anySide(ride))],
];

function toggleRoom(side: Computer): void {
  side.disk.isFull = !side.disk.isFull;
  side.note(side.disk.isFull ? 'disk full' : 'room again');
}

function toggleSpeed({ disk }: Computer): void {
  disk.writesSlowly = !disk.writesSlowly;
}

function actOnce(ride: Ride): void {
  let ticket = ride.weather.between(
    0,
    acts.reduce((sum, [weight]) => sum + weight, 0),
  );
  for (const [weight, , act] of acts) {
    ticket -= weight;
    if (ticket < 0) {
      act(ride);
      return;
    }
  }
}

/** Answers with everything that should not be, and what happened. */
export async function ride(seed: number, steps: number): Promise<{ wrong: readonly string[]; log: readonly string[] }> {
  const one = new Ride(seed);
  const { weather, log } = one;
  one.connect(true);
  await weather.pass(weather.between(0, 200));
  for (let step = weather.between(3, steps); step > 0; step -= 1) {
    actOnce(one);
    if (!weather.chance(0.2))
      await weather.pass(weather.chance(0.2) ? weather.between(0, 3_000) : weather.between(0, 40));
  }
  await one.calm();
  return { wrong: [...judge(one)], log };
}
