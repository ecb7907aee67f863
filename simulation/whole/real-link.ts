// The real link between two computers with disks: the machines of `link/` on simulated connections, and two people who carry codes
// between them, confirm the digits, and pair again when the screens ask for it.

import type { Link } from '../../link/link.ts';
import type { Computer } from '../computer.ts';
import type { Joined } from '../connections.ts';
import { SimulatedRtc } from '../link/peer-connection.ts';
import { type Side, Wire } from '../link/wire.ts';
import type { Page } from '../page.ts';
import type { World } from '../world.ts';
import { openLinkOf } from './page-link.ts';

const sides: readonly Side[] = [0, 1];
const stepMs = 500;
const pairsWithinMs = 20_000;
const confirmsWithinMs = 10_000;

export class RealLink implements Joined {
  readonly #world: World;
  readonly #computers: readonly [Computer, Computer];
  readonly #wire: Wire;
  readonly #rtcs: readonly [SimulatedRtc, SimulatedRtc];
  readonly #links: [Link | undefined, Link | undefined] = [undefined, undefined];
  /** People do one thing at a time: what they began before is dropped. */
  #round = 0;

  constructor(world: World, computers: readonly [Computer, Computer]) {
    this.#world = world;
    this.#computers = computers;
    this.#wire = new Wire(world);
    const [a, b] = [new SimulatedRtc(world, this.#wire, 0), new SimulatedRtc(world, this.#wire, 1)];
    a.other = b;
    b.other = a;
    this.#rtcs = [a, b];
  }

  pageOpened(computer: Computer, page: Page, isAlive: () => boolean): void {
    const side = this.#sideOf(computer);
    const { name } = computer;
    this.#links[side] = openLinkOf(page, { world: this.#world, name, rtc: this.#rtcs[side], isAlive });
  }

  pageGone(computer: Computer): void {
    const side = this.#sideOf(computer);
    this.#links[side] = undefined;
    this.#rtcs[side].pageGone();
  }

  #sideOf(computer: Computer): Side {
    return this.#computers[0] === computer ? 0 : 1;
  }

  get isUp(): boolean {
    return this.#links.every((link) => {
      const view = link?.view();
      return view?.at === 'linked' && view.peer.trust.at === 'settled';
    });
  }

  connect(isFresh: boolean): void {
    if (!isFresh) {
      this.#move();
      return;
    }
    this.#round += 1;
    if (this.isUp) this.end(this.#world.chance.hits(0.5) ? 0 : 1);
    void this.#pair(this.#round);
  }

  /** Until it works, or they do something else. */
  async #pair(round: number): Promise<void> {
    const world = this.#world;
    const isOn = () => this.#round === round;
    this.#world.count('pairing');
    while (isOn() && !this.isUp) {
      for (const link of this.#links) askForCode(link);
      await world.wait(stepMs);
      if (isOn()) this.#carry(0);
      await world.wait(world.chance.between(stepMs, 6 * stepMs));
      if (isOn()) this.#carry(1);
      await this.#waitFor(pairsWithinMs, () => this.#links.every((link) => link?.view().at === 'linked'));
      if (isOn()) for (const link of this.#links) confirm(link);
      await this.#waitFor(confirmsWithinMs, () => this.isUp);
    }
  }

  async #waitFor(ms: number, until: () => boolean): Promise<void> {
    for (let more = ms / stepMs; more > 0 && !until(); more -= 1) await this.#world.wait(stepMs);
  }

  /** What this side shows is pasted on the other one. */
  #carry(from: Side): void {
    const view = this.#links[from]?.view();
    const code = view !== undefined && 'code' in view ? view.code : undefined;
    if (code?.at === 'ready') void this.#links[from === 0 ? 1 : 0]?.takeCode(code.text, 'paste');
  }

  /** A computer gets another address, and its machine tells the page sooner or later. */
  #move(): void {
    const { chance } = this.#world;
    const side = chance.pick(sides);
    this.#world.count('address changes');
    this.#world.note(`${this.#computers[side].name} moves`);
    this.#wire.changeAddress(side, chance.whole(30, 250));
    this.#world.after(chance.between(0, 4_000), () => this.#links[side]?.nudge('addresses'));
  }

  takeOver(): void {
    // Two that move at the same time are found by nobody: the end of a run is no time for it.
  }

  addLane(): void {
    this.#want(this.#world.chance.whole(2, 9));
  }

  killLane(): void {
    this.#want(1);
  }

  retireLane(): void {
    this.#want(this.#world.chance.whole(1, 3));
  }

  #want(count: number): void {
    const { page } = this.#world.chance.pick(this.#computers);
    for (const notify of [...(page?.listeners ?? [])]) notify({ is: 'want-lanes', count });
  }

  cut(how: 'both' | 'one'): void {
    const { chance } = this.#world;
    const isShort = chance.hits(0.7);
    this.#cutFor(how, isShort ? chance.between(50, 30_000) : chance.between(0, 300_000));
  }

  stall(): void {
    this.#cutFor('both', this.#world.chance.between(10, 4_000));
  }

  slowOne(): void {
    this.#cutFor('one', this.#world.chance.between(5, 500));
  }

  #cutFor(how: 'both' | 'one', ms: number): void {
    this.#world.note(`cut ${how} for ${ms.toFixed(0)}`);
    this.#wire.cut(how === 'both' ? sides : [this.#world.chance.pick(sides)]);
    this.#world.after(ms, () => this.#wire.mend());
  }

  mend(): void {
    this.#wire.mend();
  }

  flipBit(): void {
    // DTLS would notice; what memory does to a frame is in the other simulation.
  }

  changeRoot(): void {
    // Nor what it does to a word.
  }

  computerGone(): void {
    // Its page is gone with it, and the other side hears nothing more.
  }

  end(at: number): void {
    this.#links[at as Side]?.disconnect();
  }
}

/** As the screen offers it: one that still shows a link which the other side left, one that lost it, one that has none. */
function askForCode(link: Link | undefined): void {
  const at = link?.view().at;
  if (at === 'linked') link?.disconnect();
  else if (at === 'reconnecting') link?.pairAgain();
  else link?.newCode();
}

function confirm(link: Link | undefined): void {
  const view = link?.view();
  if (view?.at === 'linked' && view.peer.trust.at === 'asking') link?.confirmVerification('match');
}
