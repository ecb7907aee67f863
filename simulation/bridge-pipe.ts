// The bridge between page and host: messages in their order, a moment later, copied or given away as the real ports do.

import type { RpcPort } from '../shared/ipc/rpc.ts';
import type { World } from './world.ts';

class PipeEnd implements RpcPort {
  readonly #world: World;
  readonly #isAlive: () => boolean;
  other!: PipeEnd;
  #isOpen = true;
  #arrivesMs = 0;
  readonly #onMessage = new Set<(message: unknown) => void>();
  /** As ports have it: what comes before anybody listens waits. */
  #unheard: unknown[] = [];
  readonly #onClose = new Set<() => void>();

  constructor(world: World, isAlive: () => boolean) {
    this.#world = world;
    this.#isAlive = isAlive;
  }

  post(message: unknown, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#isOpen || !this.#isAlive()) return;
    const copy = structuredClone(message, { transfer: [...transfer] });
    const { is, name } = copy as { readonly is?: string; readonly name?: string };
    if (is === 'call') this.#world.moment(`call ${name}`);
    const { other } = this;
    this.#arrivesMs = Math.max(this.#arrivesMs, this.#world.nowMs) + this.#world.chance.between(0.01, 0.2);
    this.#world.after(this.#arrivesMs - this.#world.nowMs, () => other.#hear(copy));
  }

  #hear(message: unknown): void {
    if (!this.#isOpen || !this.#isAlive()) return;
    if (this.#onMessage.size === 0) this.#unheard.push(message);
    for (const listener of this.#onMessage) listener(message);
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.#onMessage.add(listener);
    this.#world.after(0, () => {
      for (const message of this.#unheard.splice(0)) this.#hear(message);
    });
    return () => this.#onMessage.delete(listener);
  }

  onClose(listener: () => void): () => void {
    this.#onClose.add(listener);
    return () => this.#onClose.delete(listener);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { other } = this;
    this.#world.after(this.#world.chance.between(0.01, 1), () => other.close());
    if (this.#isAlive()) for (const listener of this.#onClose) listener();
  }
}

export function openPipe(world: World, isPageAlive: () => boolean, isHostAlive: () => boolean): [RpcPort, RpcPort] {
  const [page, host] = [new PipeEnd(world, isPageAlive), new PipeEnd(world, isHostAlive)];
  page.other = host;
  host.other = page;
  return [page, host];
}
