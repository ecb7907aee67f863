// Channels as the engine gets them: bytes as bytes and text as text, whatever the browser would rather hand out.

import { describe, expect, it } from 'vitest';
import { openChannelControl, openChannelLane } from '../../../renderer/worker/channel-lane.ts';

/** What of a channel the adapters touch. */
class Channel extends EventTarget {
  binaryType = 'blob';
  bufferedAmountLowThreshold = 0;
  bufferedAmount = 0;
  readyState = 'open';

  hand(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

describe('a channel', () => {
  it.each([
    ['bulk', (channel: RTCDataChannel) => openChannelLane(channel, 1000)],
    ['control', openChannelControl],
  ])('F17 never hands out blobs, and tells bytes and text apart: %s', (_role, open) => {
    const channel = new Channel();
    const port = open(channel as unknown as RTCDataChannel);
    const heard: (string | Uint8Array)[] = [];
    port.onMessage((message: string | Uint8Array) => heard.push(message));
    expect(channel.binaryType).toBe('arraybuffer');
    channel.hand(new Uint8Array([1, 2]).buffer);
    channel.hand('half \uD800');
    channel.hand(new ArrayBuffer(0));
    expect(heard).toEqual([new Uint8Array([1, 2]), 'half \uD800', new Uint8Array()]);
  });
});
