// The network check over connections in memory: whatever becomes of it, none of its connections is left open.

import { beforeEach, expect, it } from 'vitest';
import { checkNetwork } from '../../../link/network-check.ts';
import type { RtcCandidate, RtcConnection, RtcFactory } from '../../../link/rtc.ts';
import { VirtualClock } from './virtual-clock.ts';

let open: number;
let opened: number;
/** No server answers. */
let isSilent: boolean;
/** Before the nth connection is there. */
let before: (nth: number) => Promise<void>;
beforeEach(() => {
  open = 0;
  opened = 0;
  isSilent = false;
  before = async () => undefined;
});

/** A server that answers does so at once, and sees a public address. */
function openFake(): RtcConnection {
  const listeners: ((event: { readonly candidate: RtcCandidate | null }) => void)[] = [];
  const seen = { type: 'srflx', protocol: 'udp', address: '203.0.113.5', foundation: '1', port: 5, relatedPort: 6 };
  open += 1;
  const fake = {
    addEventListener(type: string, listener: (event: { readonly candidate: RtcCandidate | null }) => void) {
      if (type === 'icecandidate') listeners.push(listener);
    },
    createDataChannel: () => ({ label: '' }),
    async setLocalDescription() {
      for (const listener of isSilent ? [] : listeners) {
        listener({ candidate: { ...seen, candidate: '', sdpMid: null, usernameFragment: null } });
        listener({ candidate: null });
      }
    },
    createOffer: () => new Promise(() => undefined),
    close: () => {
      open -= 1;
    },
  };
  return fake as unknown as RtcConnection;
}

const rtc: RtcFactory = {
  async open() {
    opened += 1;
    await before(opened);
    return openFake();
  },
  makeCertificate: () => Promise.reject(new Error('there is none')),
};

function check(signal: AbortSignal, clock = new VirtualClock()) {
  return checkNetwork([{ url: 'stun:stun.example.org:3478' }], { rtc, clock, isOnline: () => true }, signal);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it.each([
  ['it begins to ask a server', 1],
  ['it calls itself', 3],
  ['it is about to be called', 4],
])('that is called off while %s leaves no connection open', async (_when, nth) => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  before = async (at) => {
    if (at !== nth) return;
    isSilent = true;
    reached.resolve();
    await gate.promise;
  };
  const calledOff = new AbortController();
  const checking = check(calledOff.signal);
  await reached.promise;
  calledOff.abort();
  gate.resolve();
  await expect(checking).rejects.toThrow();
  await turn();
  expect(open).toBe(0);
});

it('leaves no connection open where the browser makes no more of them', async () => {
  before = async (nth) => {
    if (nth === 4) throw new Error('too many');
  };
  await expect(check(new AbortController().signal)).rejects.toThrow('too many');
  await turn();
  expect(open).toBe(0);
});
