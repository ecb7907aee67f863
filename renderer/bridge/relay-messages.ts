// What the page and its relay say to each other, once in each direction. The rest goes over the two ports.

export type RelayOrder = {
  /** `ws://` and our own address. */
  readonly origin: string;
  readonly token: string;
  readonly page: string;
  readonly take: boolean;
  readonly ui: MessagePort;
  readonly engine: MessagePort;
};

export type RelayOutcome = 'open' | 'busy' | 'gone';
