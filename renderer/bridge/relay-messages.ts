// What the page and its relay say to each other, once in each direction. The rest goes over the two ports.

import type { SocketOrder } from './host-socket.ts';

export type RelayOrder = SocketOrder & { readonly ui: MessagePort; readonly engine: MessagePort };

export type RelayOutcome = 'open' | 'busy' | 'gone';
