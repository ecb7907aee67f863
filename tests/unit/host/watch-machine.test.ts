// What the host hears of the machine: other addresses, and that it slept. A test can neither put it to sleep nor carry it elsewhere, so the
// system's answers are the test's own.

import type * as Os from 'node:os';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchMachine } from '../../../host/watch-machine.ts';

const place = vi.hoisted(() => ({ address: '', sleptMs: 0 }));
vi.mock('node:os', async (original) => ({
  ...(await original<typeof Os>()),
  uptime: () => (performance.now() + place.sleptMs) / 1_000,
  networkInterfaces: () => ({ wlan0: [{ address: place.address }] }),
}));

const lookMs = 2_000;
const nightMs = 8 * 60 * 60_000;
let heard: string[] = [];
let machine: { close(): void };

beforeEach(() => {
  vi.useFakeTimers();
  place.address = '192.168.1.2';
  heard = [];
  machine = watchMachine({ networkChanged: (why) => heard.push(why) });
  vi.advanceTimersByTime(lookMs);
});

afterEach(() => {
  machine.close();
  vi.useRealTimers();
});

/** Timers stand still, the time since the start of the machine does not. */
function sleep(): void {
  place.sleptMs += nightMs;
}

it('nothing while nothing changes', () => {
  vi.advanceTimersByTime(10 * lookMs);
  expect(heard).toEqual([]);
});

it('that it slept', () => {
  sleep();
  vi.advanceTimersByTime(2 * lookMs);
  expect(heard).toEqual(['woke']);
});

it.each([-nightMs, nightMs])('nothing where somebody sets the clock by %i, and that it slept all the same', (setMs) => {
  vi.setSystemTime(Date.now() + setMs);
  vi.advanceTimersByTime(2 * lookMs);
  expect(heard).toEqual([]);
  sleep();
  vi.setSystemTime(Date.now() - 2 * nightMs);
  vi.advanceTimersByTime(2 * lookMs);
  expect(heard).toEqual(['woke']);
});

it('other addresses, also where they came while it slept', () => {
  place.address = '10.0.0.7';
  vi.advanceTimersByTime(2 * lookMs);
  expect(heard).toEqual(['addresses']);
  sleep();
  place.address = '172.16.0.9';
  vi.advanceTimersByTime(2 * lookMs);
  expect(heard).toEqual(['addresses', 'addresses']);
});
