// A page with its engine and the person in front of it. What it is told after its death goes nowhere.

import type { EngineEvent } from '../engine/commands.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import { openHostDisk } from '../renderer/worker/host-disk.ts';
import type { EngineCalls, EngineEvents, UiCalls, UiEvents } from '../shared/ipc/contract.ts';
import { openRpcClient, type RpcClient, type RpcPort } from '../shared/ipc/rpc.ts';
import type { ConflictPolicy, OfferPlan } from '../shared/ipc/views.ts';
import type { Selection } from '../shared/model/manifest.ts';
import type { TransferView } from '../shared/model/transfer.ts';
import type { World } from './world.ts';

export type PageListener = {
  transferChanged(view: TransferView): void;
  granted(transfer: string, selection: Selection): void;
};

type EventListener = (event: EngineEvent) => void;

export class Page {
  readonly #world: World;
  readonly #name: string;
  readonly #isAlive: () => boolean;
  readonly #listener: PageListener;
  readonly engine: Engine;
  readonly ui: RpcClient<UiCalls, UiEvents>;
  readonly views = new Map<string, TransferView>();
  readonly offers = new Map<string, OfferPlan>();
  /** Retired lanes that carry nothing of this side any more. */
  readonly emptied = new Set<number>();
  /** The connection that the engine uses, and the pairing that its people confirmed. */
  adopted = 0;
  pairing = 0;
  /** Says yes to everything, as at the end of a run. */
  isAgreeable = false;
  hasLeft = false;
  /** Where a real link runs on the page, it hears of the engine too. */
  readonly listeners = new Set<EventListener>();

  constructor(
    world: World,
    name: string,
    ports: { readonly ui: RpcPort; readonly engine: RpcPort },
    isAlive: () => boolean,
    listener: PageListener,
  ) {
    this.#world = world;
    this.#name = name;
    this.#isAlive = isAlive;
    this.#listener = listener;
    this.ui = openRpcClient<UiCalls, UiEvents>(ports.ui);
    const host = openRpcClient<EngineCalls, EngineEvents>(ports.engine);
    this.engine = openEngine(openHostDisk(host), world.clock(isAlive), (event) => {
      if (isAlive()) this.#hear(event);
    });
  }

  #hear(event: EngineEvent): void {
    const world = this.#world;
    for (const notify of [...this.listeners]) notify(event);
    switch (event.is) {
      case 'violation':
        world.fail(`${this.#name} calls the other side a violator: ${event.fault.code} ${event.fault.message}`);
        return;
      case 'peer-left':
        world.note(`${this.#name} hears that the other side left`);
        if (this.listeners.size > 0) return;
        this.hasLeft = true;
        this.engine.command({ do: 'end', say: 'nothing' });
        return;
      case 'offer':
        this.offers.set(event.transfer, event.plan);
        if (this.isAgreeable) void this.accept(event.transfer);
        return;
      case 'offer-gone':
        this.offers.delete(event.transfer);
        return;
      case 'lane-empty':
        this.emptied.add(event.connection);
        return;
      case 'transfer': {
        const { view } = event;
        const why = view.pause ?? view.fault?.code ?? '';
        world.note(`${this.#name} ${view.direction} ${view.id.slice(0, 6)} ${view.state} ${why}`);
        this.views.set(view.id, view);
        if (view.fault?.code === 'internal' || view.fileFaults.some(({ code }) => code === 'internal')) {
          world.fail(`${this.#name} ${view.direction} ${view.id.slice(0, 6)}: an error without a sentence (I7)`);
        }
        this.#listener.transferChanged(view);
        return;
      }
      case 'refused':
        world.note(`${this.#name} refused ${event.fault.code}`);
        return;
      default:
    }
  }

  /** First the host hears of the person's yes, then the engine. */
  async accept(transfer: string, wanted?: ConflictPolicy): Promise<void> {
    const world = this.#world;
    const plan = this.offers.get(transfer);
    if (plan === undefined || !this.#isAlive()) return;
    this.offers.delete(transfer);
    const conflict = wanted ?? world.chance.pick(['keep-both', 'keep-both', 'skip', 'replace'] as const);
    try {
      const { rows, total } = await this.ui.call('offer.rows', { transfer, from: 0, count: 2000 });
      const files = rows.filter(({ kind }) => kind === 'file').length;
      const selection = wanted !== undefined || world.chance.hits(0.7) || files < 2 ? 'all' : partOf(world, total);
      await this.ui.call('offer.grant', {
        transfer,
        manifestDigest: plan.manifestDigest,
        selection: selection === 'all' ? 'all' : selection.map(([from, to]) => [from, to] as [number, number]),
        destination: plan.destination.id,
        conflict,
      });
      if (!this.#isAlive()) return;
      world.note(`${this.#name} accepts ${transfer.slice(0, 6)} ${conflict} ${JSON.stringify(selection)}`);
      this.#listener.granted(transfer, selection);
      this.engine.command({ do: 'accept', transfer, conflict });
    } catch (error) {
      world.note(`${this.#name} could not accept ${transfer.slice(0, 6)}: ${String(error)}`);
      // The person sees why and may try again, as long as the offer is there.
      if (this.#isAlive()) this.offers.set(transfer, plan);
    }
  }

  decline(transfer: string): void {
    this.offers.delete(transfer);
    this.engine.command({ do: 'decline', transfer });
  }
}

function partOf(world: World, total: number): readonly (readonly [number, number])[] {
  const from = world.chance.whole(0, total);
  return [[from, world.chance.whole(from + 1, total + 1)]];
}
