// Two computers that link, two people who carry codes between them, and a network that fails: the real machines of link/ for one seed.

import type { LinkView } from '../../shared/model/link-view.ts';
import { lanesMax, liveCodesMax, standbyConnectionsMax } from '../../shared/wire/limits.ts';
import type { World } from '../world.ts';
import { LinkComputer } from './link-computer.ts';
import { SimulatedRtc } from './peer-connection.ts';
import { SimulatedLan } from './simulated-lan.ts';
import { type Side, Wire } from './wire.ts';

/** The link itself and one that takes over, codes that wait, standby connections, lanes. */
const connectionsMost = 2 + 2 * liveCodesMax + standbyConnectionsMax + 2 * lanesMax;

/** A link that does not work any more is not shown for longer. */
export const noticedMs = 30_000;

/** By then each has told the other of its standby connections. Who moves before is found by nobody. */
export const announcedMs = 5_000;
/** The first standby connection is promoted 16 s after the link is known to be down. */
export const backSoonMs = 14_000;
/** Codes that cross are settled within half a second. */
const linkSoonMs = 20_000;
/** A line has to be whole for so long before its lanes are counted: one that died is noticed within 20 s. */
const lanesSettledMs = 45_000;

type Shown = { readonly kind: 'invite' | 'reply'; readonly text: string };

export class LinkSimulation {
  readonly world: World;
  readonly wire: Wire;
  readonly computers: readonly [LinkComputer, LinkComputer];
  readonly #said: [string[], string[]] = [[], []];
  /** The link that both have came up, and since then neither did anything that ends it; only the line failed. */
  mustHeal = false;
  /** As somebody still has it who copied it. */
  readonly lastInvites: [Shown | undefined, Shown | undefined] = [undefined, undefined];
  readonly screenListeners = new Set<() => void>();
  /** Nothing goes wrong any more, and people do what the screens say. */
  isCalm = false;
  /** So many codes of all are taken by camera. */
  cameraShare = 0.3;
  #disturbedMs = 0;
  #wholeSinceMs: number | undefined;
  #movedMs = 0;
  /** Where the last one moved, the other side could find it by a standby connection. */
  #hasStandby = true;
  readonly #moved = new Set<Side>();
  #nextNote = 1;

  constructor(world: World) {
    this.world = world;
    this.wire = new Wire(world);
    const rtcs = ([0, 1] as const).map((side) => new SimulatedRtc(world, this.wire, side));
    const [a, b] = rtcs as [SimulatedRtc, SimulatedRtc];
    a.other = b;
    b.other = a;
    const deliversReplies = world.chance.hits(0.6);
    const lans = [
      new SimulatedLan(world, this.wire, { side: 0, name: 'a', deliversReplies }),
      new SimulatedLan(world, this.wire, { side: 1, name: 'b', deliversReplies }),
    ] as const;
    lans[0].other = lans[1];
    lans[1].other = lans[0];
    const make = (name: string, rtc: SimulatedRtc, lan: SimulatedLan) =>
      new LinkComputer(world, { name, rtc, lan, onView: (view) => this.#seen(name, view) });
    this.computers = [make('a', a, lans[0]), make('b', b, lans[1])];
  }

  #seen(name: string, view: LinkView): void {
    const trust = view.at === 'linked' ? view.peer.trust.at : '';
    this.world.note(
      `${name} sees ${view.at} ${trust} ${view.at === 'pairing' ? JSON.stringify(view.ended ?? '') : ''}`,
    );
    this.world.count(`${view.at} ${trust}`.trim());
    for (const notify of this.screenListeners) notify();
    if (view.at !== 'pairing' || typeof view.ended !== 'object') return;
    if (view.ended.code === 'link-tampered') this.world.fail(`${name} says that an honest link was tampered with`);
    if (view.ended.code === 'internal') this.world.fail(`${name} shows an error without a sentence (I7)`);
  }

  other(side: Side): Side {
    return side === 0 ? 1 : 0;
  }

  /** The code that this side shows, as a person copies it. */
  codeOf(side: Side): Shown | undefined {
    const view = this.computers[side].link.view();
    const code = 'code' in view ? view.code : undefined;
    if (code?.at !== 'ready') return undefined;
    if (code.kind === 'invite') this.lastInvites[side] = code;
    return code;
  }

  /** What this side shows is pasted on the other one. */
  carry(from: Side): void {
    void this.take(this.other(from), this.codeOf(from));
  }

  /** Answers whether it was taken. */
  async take(side: Side, code: Shown | undefined): Promise<boolean> {
    if (code === undefined) return false;
    const { name, link } = this.computers[side];
    this.disturb();
    const via = this.world.chance.hits(this.cameraShare) ? 'camera' : 'paste';
    this.world.note(`${name} takes the ${code.kind} of the other by ${via}`);
    const fault = await link.takeCode(code.text, via);
    if (fault === undefined) return true;
    this.world.note(`${name} refuses it: ${fault.code}`);
    if (fault.code === 'internal') this.world.fail(`${name} refuses a code without a sentence (I7)`);
    return false;
  }

  confirm(side: Side, choice: 'match' | 'skip'): void {
    const view = this.computers[side].link.view();
    if (view.at === 'linked' && view.peer.trust.at === 'asking') this.computers[side].link.confirmVerification(choice);
  }

  say(side: Side): void {
    if (!this.isSettled(side)) return;
    const text = `note ${this.#nextNote++} of ${this.computers[side].name}`;
    this.#said[side].push(text);
    this.computers[side].sent.add(text);
    this.computers[side].engine.command({ do: 'send-text', text });
  }

  /** Nothing is on its way any more: what is shown as sent has come. */
  checkNotes(): void {
    for (const side of [0, 1] as const) {
      const heard = new Set(this.computers[this.other(side)].heard);
      for (const text of this.computers[side].sent) {
        if (!heard.has(text)) this.world.fail(`"${text}" is shown as sent, and the other side does not have it`);
      }
    }
  }

  isSettled(side: Side): boolean {
    const view = this.computers[side].link.view();
    return view.at === 'linked' && view.peer.trust.at === 'settled';
  }

  get isWhole(): boolean {
    return this.isSettled(0) && this.isSettled(1);
  }

  /** A person ends what both have, or may. */
  disturb(): void {
    this.mustHeal = false;
    this.#disturbedMs = this.world.nowMs;
  }

  /**
   * One that moves finds the other soon. Two that moved while they could not tell each other find each other only by a call, and so does
   * one that moves when a connection has just taken over, or the line was cut just then: there are no standby ones beside it yet.
   */
  moved(side: Side): void {
    const { nowMs } = this.world;
    this.#moved.add(side);
    this.#movedMs = nowMs;
    this.#hasStandby = this.computers.every(({ greetedMs }) => this.wire.wholeMs(greetedMs) > announcedMs);
    if (this.#moved.size < 2 && this.#hasStandby) return;
    if (this.findByCall()) this.#disturbedMs = nowMs;
    else this.disturb();
  }

  /** They remember each other, know that this link is with each other, and their calls get through. */
  findByCall(): boolean {
    const ids = this.computers.map(({ link }) => {
      const view = link.view();
      return view.at === 'linked' || view.at === 'reconnecting' ? view.peer.knownId : undefined;
    });
    if (ids.includes(undefined)) return false;
    return this.computers.some(({ lan }, side) => lan.finds(ids[side]!));
  }

  /**
   * The machine said that its address changed: the link goes on over a standby connection before any schedule would promote one.
   * Where firewalls stand, the other side has to notice by itself first.
   */
  expectBackSoon(): void {
    const { world, wire } = this;
    if (world.isBusy) return;
    const isExpected = () =>
      this.mustHeal &&
      this.#hasStandby &&
      this.#moved.size < 2 &&
      !wire.isCut.includes(true) &&
      !wire.hasFirewall.includes(true);
    if (!isExpected()) return;
    const movedMs = this.#movedMs;
    const disturbedMs = this.#disturbedMs;
    const changes = wire.changes;
    world.after(backSoonMs, () => {
      const isUndisturbed = movedMs === this.#movedMs && disturbedMs === this.#disturbedMs && changes === wire.changes;
      if (isUndisturbed && isExpected() && !this.isWhole) {
        world.fail(`a computer told of its new address ${backSoonMs} ms ago, and the link is not back (liveness)`);
      }
    });
  }

  /** Two who took each other's invites and replies have one link soon, and the same one. */
  expectLinkSoon(): void {
    const { world, wire } = this;
    if (world.isBusy || wire.isCut.includes(true) || wire.hasFirewall.includes(true)) return;
    const disturbedMs = this.#disturbedMs;
    const changes = wire.changes;
    world.after(linkSoonMs, () => {
      const isUndisturbed = disturbedMs === this.#disturbedMs && changes === wire.changes;
      const views = this.computers.map(({ link }) => link.view().at);
      if (isUndisturbed && views.some((at) => at !== 'linked'))
        world.fail(`both took the other's codes, and they have no link: a ${views[0]}, b ${views[1]} (liveness)`);
    });
  }

  /** After every step. */
  check(): void {
    const { world, computers } = this;
    if (!this.isWhole) this.#wholeSinceMs = undefined;
    else this.#wholeSinceMs ??= world.nowMs;
    const isWholeLong = world.nowMs - (this.#wholeSinceMs ?? world.nowMs) > announcedMs;
    if (isWholeLong && !this.wire.isCut.includes(true) && world.nowMs - this.#disturbedMs > noticedMs) {
      this.mustHeal = true;
      if (world.nowMs - this.#movedMs > noticedMs) this.#moved.clear();
    }
    for (const side of [0, 1] as const) {
      const { name, rtc, heard, link } = computers[side];
      const isSettledLong =
        world.nowMs - Math.max(this.wire.changedMs, this.#wholeSinceMs ?? world.nowMs) > lanesSettledMs;
      if (isSettledLong && !world.isBusy && !this.wire.isCut.includes(true)) {
        const view = link.view();
        const lanes = view.at === 'linked' ? (view.peer.route?.lanes ?? 1) : 1;
        const working = [...rtc.connections].filter(
          ({ iceConnectionState }) => iceConnectionState === 'connected',
        ).length;
        if (lanes > working) world.fail(`${name} uses ${lanes} lanes, and ${working} connections work`);
      }
      if (rtc.connections.size > connectionsMost) world.fail(`${name} has ${rtc.connections.size} connections`);
      let at = -1;
      for (const text of heard) {
        const next = this.#said[this.other(side)].indexOf(text);
        if (next <= at) world.fail(`${name} hears "${text}" that was not said, said twice or in another order`);
        at = next;
      }
    }
    const [one, two] = computers.map(({ link }) => {
      const view = link.view();
      return view.at === 'linked' ? view.peer.trust : undefined;
    });
    if (one === undefined || two === undefined) return;
    const settled = [one, two].filter(({ at }) => at === 'settled').length;
    if (settled === 2 && one.digits !== two.digits) world.fail('both confirmed, and each saw other digits');
    if (settled === 1 && [one, two].some(({ at }) => at === 'asking')) world.fail('one yes is taken for both');
  }
}
