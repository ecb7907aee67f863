// One computer of a ride: a page with its engine, its person's answers, and a disk that outlives both.

import type { EngineEvent } from '../../../engine/commands.ts';
import { type Engine, openEngine } from '../../../engine/engine.ts';
import type { TransferView } from '../../../shared/model/transfer.ts';
import { RoughDisk } from './simulated-disk.ts';
import type { Weather } from './simulated-time.ts';

/** A page with its engine. What it is told after its death goes nowhere. */
export class Computer {
  readonly name: 'a' | 'b';
  readonly disk: RoughDisk;
  readonly weather: Weather;
  engine!: Engine;
  page = 0;
  adopted = 0;
  authorized = 0;
  readonly views = new Map<string, TransferView>();
  /** Ever shown as done, and how often people were asked. */
  readonly done = new Set<string>();
  readonly offers = new Set<string>();
  readonly log: string[];
  isAnswering = false;
  /** Retired lanes that carry nothing of this side any more. */
  readonly emptied = new Set<number>();

  constructor(name: 'a' | 'b', weather: Weather, log: string[]) {
    this.name = name;
    this.weather = weather;
    this.log = log;
    this.disk = new RoughDisk(weather);
    this.open();
  }

  open(): void {
    const page = ++this.page;
    const isAlive = () => this.page === page;
    this.views.clear();
    this.offers.clear();
    this.authorized = 0;
    const { weather } = this;
    this.engine = openEngine(this.disk.disk(isAlive), weather.clock(isAlive), (event) => {
      if (isAlive()) this.#hear(event);
    });
  }

  kill(app: 'goes-on' | 'dies'): void {
    this.note(`page gone, app ${app}`);
    this.disk.park(app);
    this.open();
  }

  note(what: string): void {
    this.log.push(`${this.weather.now.toFixed(1).padStart(8)} ${this.name} ${what}`);
  }

  #hear(event: EngineEvent): void {
    switch (event.is) {
      case 'violation':
        this.note(`VIOLATION ${event.fault.message}`);
        return;
      case 'peer-left':
        this.engine.command({ do: 'end', say: 'nothing' });
        return;
      case 'offer':
        this.offers.add(event.transfer);
        this.note(`asked about ${event.transfer.slice(0, 4)}`);
        if (this.isAnswering) this.answer(event.transfer);
        return;
      case 'lane-empty':
        this.emptied.add(event.connection);
        return;
      case 'offer-gone':
        this.offers.delete(event.transfer);
        return;
      case 'transfer': {
        const { view } = event;
        this.note(`${view.direction} ${view.id.slice(0, 4)} ${view.state} ${view.pause ?? view.fault?.code ?? ''}`);
        this.views.set(view.id, view);
        if (view.state === 'done') this.done.add(`${view.direction} ${view.id}`);
        return;
      }
    }
  }

  answer(transfer: string): void {
    this.offers.delete(transfer);
    this.engine.command({ do: 'accept', transfer, conflict: this.weather.chance(0.3) ? 'skip' : 'keep-both' });
  }
}
