// A computer of which only the link and the engine matter: the real ones of both, on simulated connections. It has no disk.

import type { EngineEvent } from '../../engine/commands.ts';
import { type Engine, openEngine } from '../../engine/engine.ts';
import type { Disk } from '../../engine/ports.ts';
import type { Link } from '../../link/link.ts';
import { openLink } from '../../link/open-link.ts';
import type { LinkEngine } from '../../link/ports.ts';
import { linkEvents } from '../../renderer/worker/link-events.ts';
import { Fault } from '../../shared/model/fault.ts';
import type { LinkView } from '../../shared/model/link-view.ts';
import type { World } from '../world.ts';
import type { SimulatedChannel } from './channel.ts';
import type { SimulatedRtc } from './peer-connection.ts';
import { openPost, type Post } from './post.ts';
import type { SimulatedLan } from './simulated-lan.ts';

const messageBytes = 3_000;

export type LinkComputerParts = {
  readonly name: string;
  readonly rtc: SimulatedRtc;
  readonly lan: SimulatedLan;
  readonly onView: (view: LinkView) => void;
};

export class LinkComputer {
  readonly name: string;
  readonly rtc: SimulatedRtc;
  readonly lan: SimulatedLan;
  readonly heard: string[] = [];
  /** Notes of this page that its person takes for sent: those that were given back are not among them. */
  readonly sent = new Set<string>();
  readonly #world: World;
  readonly #onView: (view: LinkView) => void;
  #run = 0;
  #listeners = new Set<(event: EngineEvent) => void>();
  /** When the other side's engine greeted last: over each connection that becomes the link it does so once. */
  greetedMs = 0;
  engine!: Engine;
  link!: Link;

  constructor(world: World, { name, rtc, lan, onView }: LinkComputerParts) {
    this.#world = world;
    this.name = name;
    this.rtc = rtc;
    this.lan = lan;
    this.#onView = onView;
    this.#open();
  }

  /** The page is reloaded: nothing of it goes on, and nothing is said. */
  reload(): void {
    this.#run += 1;
    this.rtc.pageGone();
    this.lan.pageGone();
    this.sent.clear();
    this.#open();
  }

  close(): void {
    this.link.close();
    this.engine.close();
  }

  #open(): void {
    const run = this.#run;
    const isAlive = () => this.#run === run;
    const clock = this.#world.clock(isAlive);
    this.#listeners = new Set();
    const listeners = this.#listeners;
    // The engine runs in a worker of the page.
    const [toEngine, toLink] = [openPost(this.#world, isAlive), openPost(this.#world, isAlive)];
    this.engine = openEngine(noDisk, clock, (event) => {
      if (!isAlive()) return;
      if (event.is === 'violation')
        this.#world.fail(`${this.name} calls an honest side a violator: ${event.fault.message}`);
      if (event.is === 'peer-name') {
        this.greetedMs = this.#world.nowMs;
        this.#checkGate(isAlive);
      }
      if (event.is === 'text' && event.fromPeer) this.heard.push(event.text);
      if (event.is === 'refused' && event.text !== undefined) this.sent.delete(event.text);
      toLink(() => {
        for (const notify of [...listeners]) notify(event);
      });
    });
    this.link = openLink(
      { deviceName: this.name, servers: [] },
      {
        ...{ rtc: this.rtc.forPage(), clock, engine: linkEngine(this.engine, listeners, toEngine), lan: this.lan },
        ...(this.lan.lastPeer === undefined ? {} : { lastPeer: this.lan.lastPeer }),
      },
    );
    this.link.onChange((view) => {
      if (isAlive()) this.#onView(view);
    });
  }

  /** The engines have greeted each other: both people had their say (I8). */
  #checkGate(isAlive: () => boolean): void {
    this.#world.after(1, () => {
      const view = this.link.view();
      if (isAlive() && view.at === 'linked' && view.peer.trust.at !== 'settled')
        this.#world.fail(`${this.name} speaks to somebody who is not confirmed (I8)`);
    });
  }

  /** The engine would like so many lanes. */
  wantLanes(count: number): void {
    for (const notify of [...this.#listeners]) notify({ is: 'want-lanes', count });
  }
}

/** The engine of a page, as its link sees it. */
export function linkEngine(
  engine: Engine,
  listeners: Set<(event: EngineEvent) => void>,
  post: Post = (task) => task(),
): LinkEngine {
  return {
    giveChannel(connection, role, channel) {
      const simulated = channel as SimulatedChannel;
      post(() => {
        if (role === 'control') engine.addControl(connection, simulated.asControl());
        else engine.addLane(connection, simulated.asLane(messageBytes));
      });
    },
    command: (command) => post(() => engine.command(command)),
    ...linkEvents((listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }),
  };
}

const refuse = () => {
  throw new Fault('internal', 'this computer has no disk');
};
const noDisk: Disk = { source: refuse, sink: refuse, claims: async () => [], addHistory: async () => undefined };
