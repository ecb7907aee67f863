// What the page tells its host's Worker, once.

export type ToHostWorker = {
  readonly ui: MessagePort;
  readonly engine: MessagePort;
  readonly received: MessagePort;
  readonly version: string;
  readonly invite?: string;
};
