// What is posted between the page and its Worker: the way to the host once, then commands with what rides along; and videos
// to draw, with the pictures of them.

import type { EngineCommand, EngineEvent } from '../../engine/commands.ts';
import type { EngineOptions } from '../../engine/engine.ts';
import type { EngineTransport } from '../bridge/engine-transport.ts';

export type SendFiles = Extract<EngineCommand, { do: 'send-files' }>;

export type ToWorker =
  | { readonly is: 'host'; readonly way: EngineTransport; readonly options: EngineOptions }
  /** Of a `send-files` that comes after the last of them. */
  | { readonly is: 'files'; readonly transfer: string; readonly files: SendFiles['files'] }
  /** They are not sent after all. */
  | { readonly is: 'files-back'; readonly transfer: string }
  /** Nothing where the video cannot be drawn. */
  | { readonly is: 'frame'; readonly request: number; readonly frame?: ImageBitmap }
  | {
      readonly is: 'command';
      readonly command: EngineCommand;
      readonly channel?: RTCDataChannel;
      readonly files?: readonly unknown[];
    };

export type FromWorker = EngineEvent | { readonly is: 'read-frame'; readonly request: number; readonly video: Blob };
