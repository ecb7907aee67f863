// The page's end of the engine: starts the Worker, hands it the way to the host, carries commands in and events out, and is
// the engine that link/ works with.

import type { EngineCommand, EngineEvent } from '../../engine/commands.ts';
import type { EngineOptions } from '../../engine/engine.ts';
import type { LinkEngine } from '../../link/ports.ts';
import type { EngineTransport } from '../bridge/engine-transport.ts';
import { linkEvents } from './link-events.ts';
import { openFrameReader } from './video-frame.ts';
import type { FromWorker, SendFiles, ToWorker } from './worker-messages.ts';

export type Alongside = { readonly channel?: RTCDataChannel; readonly files?: readonly File[] };

/** So many are copied in a few milliseconds. */
const filesPerPost = 500;

export interface EngineClient extends LinkEngine {
  command(command: EngineCommand, alongside?: Alongside): void;
  on(listener: (event: EngineEvent) => void): () => void;
  close(): void;
}

/** `worker` runs engine-worker.ts. `way` leads to the host's engine role and is given away. */
export function openEngine(
  worker: Worker,
  way: EngineTransport,
  options: Pick<EngineOptions, 'lanesMost' | 'isGuest'> = {},
): EngineClient {
  const listeners = new Set<(event: EngineEvent) => void>();
  const readFrame = openFrameReader();
  /** Counts the links: each is with somebody else, or made anew. */
  let links = 0;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.is === 'read-frame') void answerFrame(data);
    else tell(data);
  };
  post({ is: 'host', way, options }, way.is === 'port' ? [way.port] : []);

  function tell(event: EngineEvent): void {
    for (const listener of listeners) listener(event);
  }

  async function answerFrame({ request, video }: Extract<FromWorker, { is: 'read-frame' }>): Promise<void> {
    const frame = await readFrame(video);
    if (frame === undefined) post({ is: 'frame', request });
    else post({ is: 'frame', request, frame }, [frame]);
  }

  function post(message: ToWorker, transfer: Transferable[] = []): void {
    worker.postMessage(message, transfer);
  }

  /** The browser copies what is posted while the page waits. Whoever is there at the end has to be who was there at the beginning. */
  async function postFilesInParts(order: SendFiles, transfer: string): Promise<void> {
    const { files } = order;
    const link = links;
    for (let from = 0; from < files.length; from += filesPerPost) {
      post({ is: 'files', transfer, files: files.slice(from, from + filesPerPost) });
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (link === links) continue;
      post({ is: 'files-back', transfer });
      tell({ is: 'refused', fault: { code: 'peer-left', message: 'the link is another one by now' }, transfer });
      return;
    }
    post({ is: 'command', command: { ...order, files: [] } });
  }

  function command(order: EngineCommand, { channel, files }: Alongside = {}): void {
    if (order.do === 'send-files' && order.transfer !== undefined && order.files.length > filesPerPost) {
      void postFilesInParts(order, order.transfer);
      return;
    }
    if (order.do === 'adopt' && order.fresh) links += 1;
    const transfer = channel === undefined ? [] : [channel];
    post(
      {
        is: 'command',
        command: order,
        ...(channel === undefined ? {} : { channel }),
        ...(files === undefined ? {} : { files }),
      },
      transfer,
    );
  }

  function on(listener: (event: EngineEvent) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  return {
    command,
    on,
    // The link's connections are the browser's, and so are their channels.
    giveChannel: (connection, role, channel) =>
      command({ do: 'channel', connection, role }, { channel: channel as RTCDataChannel }),
    ...linkEvents(on),
    close: () => worker.terminate(),
  };
}
