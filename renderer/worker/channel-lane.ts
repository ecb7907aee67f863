// RTCDataChannels as the engine's ports. Event-driven only: `bufferedamountlow` says when a lane can take more.

import type { ControlChannel, Lane } from '../../engine/ports.ts';
import { controlBufferLowBytes, laneBufferHighBytes, laneBufferLowBytes } from '../../shared/wire/limits.ts';

export type ChannelLane = Lane & { setMaxMessageBytes(bytes: number): void };

export function openChannelLane(channel: RTCDataChannel, firstMaxMessageBytes: number): ChannelLane {
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = laneBufferLowBytes;
  let maxMessageBytes = firstMaxMessageBytes;
  return {
    get maxMessageBytes() {
      return maxMessageBytes;
    },
    setMaxMessageBytes: (bytes) => {
      maxMessageBytes = bytes;
    },
    canSend: () => channel.readyState === 'open' && channel.bufferedAmount < laneBufferHighBytes,
    send: (message) => channel.send(message),
    bufferedBytes: () => channel.bufferedAmount,
    onWritable(listener) {
      channel.addEventListener('bufferedamountlow', listener);
      channel.addEventListener('open', listener);
    },
    onMessage: (listener) => onMessage(channel, listener),
    onClose: (listener) => channel.addEventListener('close', listener),
    close: () => channel.close(),
  };
}

export function openChannelControl(channel: RTCDataChannel): ControlChannel {
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = controlBufferLowBytes;
  return {
    isOpen: () => channel.readyState === 'open',
    send: (text) => channel.send(text),
    bufferedBytes: () => channel.bufferedAmount,
    onWritable(listener) {
      channel.addEventListener('bufferedamountlow', listener);
      return () => channel.removeEventListener('bufferedamountlow', listener);
    },
    onOpen: (listener) => channel.addEventListener('open', listener),
    onMessage: (listener) => onMessage(channel, listener),
    onClose: (listener) => channel.addEventListener('close', listener),
    close: () => channel.close(),
  };
}

function onMessage(channel: RTCDataChannel, listener: (message: string | Uint8Array<ArrayBuffer>) => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    listener(typeof data === 'string' ? data : new Uint8Array(data));
  });
}
