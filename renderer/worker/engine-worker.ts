// The Worker: puts the engine together over real data channels, the host behind a port, and the page's commands.

import type { EngineCommand } from '../../engine/commands.ts';
import { type Engine, openEngine } from '../../engine/engine.ts';
import type { EngineCalls, EngineEvents } from '../../shared/ipc/contract.ts';
import { openRpcClient } from '../../shared/ipc/rpc.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { bulkMessageMaxBytes } from '../../shared/wire/limits.ts';
import { openEngineTransport } from '../bridge/engine-transport.ts';
import { type ChannelLane, openChannelControl, openChannelLane } from './channel-lane.ts';
import { drawThumbnail } from './draw-thumbnail.ts';
import { openFrameRequests } from './frame-requests.ts';
import { openHostDirect } from './host-direct.ts';
import { openHostDisk } from './host-disk.ts';
import type { FromWorker, SendFiles, ToWorker } from './worker-messages.ts';

const clock: Clock = {
  now: () => performance.now(),
  wallClockMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

let engine: Engine | undefined;
const frames = openFrameRequests((message) => self.postMessage(message));
const lanes = new Map<number, ChannelLane>();
/** Files that came before the command that sends them. */
const posted = new Map<string, SendFiles['files'][number][]>();

function withPosted(command: EngineCommand): EngineCommand {
  const before = command.do === 'send-files' ? posted.get(command.transfer ?? '') : undefined;
  if (command.do !== 'send-files' || before === undefined) return command;
  posted.delete(command.transfer ?? '');
  return { ...command, files: [...before, ...command.files] };
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.is === 'host') {
    const host = openRpcClient<EngineCalls, EngineEvents>(openEngineTransport(data.way));
    const draw = (file: Blob) => drawThumbnail(file, frames.readFrame);
    engine = openEngine(openHostDisk(host, draw), clock, (event: FromWorker) => self.postMessage(event), {
      ...data.options,
      // A guest page has no host that could carry blocks.
      ...(data.options.isGuest ? {} : { direct: openHostDirect(host) }),
    });
    return;
  }
  if (data.is === 'frame') {
    frames.answered(data);
    return;
  }
  if (engine === undefined) {
    return;
  }
  if (data.is === 'files') {
    const before = posted.get(data.transfer) ?? [];
    before.push(...data.files);
    posted.set(data.transfer, before);
    return;
  }
  if (data.is === 'files-back') {
    posted.delete(data.transfer);
    return;
  }
  const { channel, files } = data;
  const command = withPosted(data.command);
  if (command.do === 'channel') {
    if (channel === undefined) {
      return;
    }
    if (command.role === 'control') {
      return engine.addControl(command.connection, openChannelControl(channel));
    }
    const lane = openChannelLane(channel, bulkMessageMaxBytes);
    lanes.set(command.connection, lane);
    return engine.addLane(command.connection, lane);
  }
  if (command.do === 'adopt' || command.do === 'lane') {
    lanes.get(command.connection)?.setMaxMessageBytes(command.maxMessageBytes);
  }
  if (command.do === 'drop') {
    lanes.delete(command.connection);
  }
  engine.command(command, files);
};
