// What a utility process of the stand-in has besides Node: `process.parentPort`. It can post values, but no ports.

import { EventEmitter } from 'node:events';
import { deserialize, MessagePortMain, portOrigin, serialize } from './ports.ts';
import type { FromUtility, ToUtility } from './utility-process.ts';

class ParentPort extends EventEmitter {
  readonly #waiting: ToUtility[] = [];

  constructor() {
    super();
    process.on('message', (message: ToUtility) => {
      if (this.listenerCount('message') === 0) this.#waiting.push(message);
      else this.#deliver(message);
    });
    // Messages wait until somebody listens.
    this.on('newListener', (name: string) => {
      if (name !== 'message') return;
      queueMicrotask(() => {
        for (const message of this.#waiting.splice(0)) this.#deliver(message);
      });
    });
  }

  postMessage(value: unknown): void {
    const message: FromUtility = { is: 'message', bytes: serialize(value) };
    if (process.connected) process.send?.(message);
  }

  #deliver({ bytes, ports }: ToUtility): void {
    this.emit('message', {
      data: deserialize(bytes),
      ports: ports.map((ticket) => MessagePortMain.fromTicket(ticket)),
    });
  }
}

export async function becomeUtility(): Promise<void> {
  Object.defineProperty(process, 'parentPort', { enumerable: true, writable: false, value: new ParentPort() });
  // A utility process never outlives its app.
  process.once('disconnect', () => process.exit());
  process.send?.({ is: 'listening', origin: await portOrigin } satisfies FromUtility);
}
