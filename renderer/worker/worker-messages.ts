// What is posted between the page and its Worker: the way to the host once, then commands with what rides along.

import type { EngineCommand, EngineEvent } from '../../engine/commands.ts';
import type { EngineOptions } from '../../engine/engine.ts';
import type { EngineTransport } from '../bridge/engine-transport.ts';

export type ToWorker =
  | { readonly is: 'host'; readonly way: EngineTransport; readonly options: EngineOptions }
  | {
      readonly is: 'command';
      readonly command: EngineCommand;
      readonly channel?: RTCDataChannel;
      readonly files?: readonly unknown[];
    };

export type FromWorker = EngineEvent;
