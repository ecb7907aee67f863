// A reply that came over the network, and a camera that may see the same one.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLanService } from '../../../renderer/state/lan-service.ts';
import type { HostPort } from '../../../renderer/state/ports.ts';
import { cameraFirstMs } from '../../../shared/wire/limits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(isLooking: boolean) {
  const listeners = new Map<string, (payload: { readonly text: string }) => void>();
  const host = {
    call: () => Promise.resolve(undefined),
    on: (name: string, listener: (payload: { readonly text: string }) => void) => {
      listeners.set(name, listener);
      return () => listeners.delete(name);
    },
    onClose: () => () => undefined,
    close: () => undefined,
  } as unknown as HostPort;
  const taken: string[] = [];
  const stop = openLanService(host, () => isLooking).onReply((text) => taken.push(text));
  return { taken, stop, arrive: (text: string) => listeners.get('near-reply')?.({ text }) };
}

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
