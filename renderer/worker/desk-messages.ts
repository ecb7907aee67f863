// What is posted between the page and its Worker: the host's port once, then commands with what rides along.

import type { EngineCommand, EngineEvent } from '../../shared/engine/desk.ts';
import type { EngineOptions } from '../../shared/engine/open-engine.ts';

export type ToWorker =
  | { readonly is: 'host'; readonly port: MessagePort; readonly options: EngineOptions }
  | {
      readonly is: 'command';
      readonly command: EngineCommand;
      readonly channel?: RTCDataChannel;
      readonly files?: readonly unknown[];
    };

export type FromWorker = EngineEvent;
