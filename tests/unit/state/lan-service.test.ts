// A reply that came over the network, and a camera that may see the same one.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLanService } from '../../../renderer/state/lan-service.ts';
import type { HostPort } from '../../../renderer/state/ports.ts';
import { cameraFirstMs } from '../../../shared/wire/limits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Told = { readonly text: string } | { readonly request: string; readonly id: string };

function open(isLooking: boolean) {
  const listeners = new Map<string, (payload: Told) => void>();
  const host = {
    call: () => Promise.resolve(undefined),
    on: (name: string, listener: (payload: Told) => void) => {
      listeners.set(name, listener);
      return () => listeners.delete(name);
    },
    onClose: () => () => undefined,
    close: () => undefined,
  } as unknown as HostPort;
  const taken: string[] = [];
  const shown = Promise.withResolvers<void>();
  const lan = openLanService({ host, isLooking: () => isLooking, shown: shown.promise });
  const stop = lan.onReply((text) => taken.push(text));
  return { lan, listeners, shown, taken, stop, arrive: (text: string) => listeners.get('near-reply')?.({ text }) };
}

describe('a call of a remembered computer', () => {
  it('is heard once the person sees who is linked, and not before', async () => {
    const { lan, listeners, shown } = open(false);
    const calls: string[] = [];
    lan.onIncomingCall(({ callId }) => calls.push(callId));
    lan.onIncomingCall(() => calls.push('of one that has stopped'))();
    await Promise.resolve();
    expect(listeners.has('remembered-call')).toBe(false);
    shown.resolve();
    await Promise.resolve();
    listeners.get('remembered-call')?.({ request: 'r1', id: 'ben' });
    expect(calls).toEqual(['r1']);
  });
});

describe('a reply over the network', () => {
  it('is taken at once where no camera looks', () => {
    const { arrive, taken } = open(false);
    arrive('reply');
    expect(taken).toEqual(['reply']);
  });

  it('waits for a camera that looks, and no longer than that', () => {
    const { arrive, taken } = open(true);
    arrive('reply');
    vi.advanceTimersByTime(cameraFirstMs - 1);
    expect(taken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(taken).toEqual(['reply']);
  });

  it('is forgotten with whoever waited for it', () => {
    const { arrive, stop, taken } = open(true);
    arrive('reply');
    stop();
    vi.advanceTimersByTime(cameraFirstMs);
    expect(taken).toEqual([]);
  });
});
