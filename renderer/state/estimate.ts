// Speed and time left that people can read: smoothed, never jumping, silent while there is nothing to say. Pure.

/** How fast the shown speed follows the real one: blocks land whole, so single samples say little. */
const speedSettlesMs = 2_500;
/** Nothing is promised before bytes have come for this long: connections and disks start slowly. */
const quietMs = 3_000;
/** The shown time left moves towards a new estimate by these shares per second: gently when near, sooner when far off. */
const nudgeShare = 0.06;
const correctShare = 0.45;
const farOff = 0.3;

export type Estimate = {
  /** When the first byte was seen. */
  readonly startedMs: number;
  readonly atMs: number;
  readonly bytesDone: number;
  readonly bytesPerSecond: number;
  readonly leftMs?: number;
};

export type Sample = { readonly atMs: number; readonly bytesDone: number; readonly bytesTotal: number };

export function beginEstimate(sample: Sample): Estimate {
  return { startedMs: sample.atMs, atMs: sample.atMs, bytesDone: sample.bytesDone, bytesPerSecond: 0 };
}

export function nextEstimate(before: Estimate, sample: Sample): Estimate {
  const elapsedMs = sample.atMs - before.atMs;
  if (elapsedMs <= 0) return before;
  const seenMs = sample.atMs - before.startedMs;
  const instant = (Math.max(0, sample.bytesDone - before.bytesDone) * 1000) / elapsedMs;
  const share = 1 - Math.exp(-elapsedMs / Math.min(speedSettlesMs, Math.max(seenMs / 2, 1)));
  const bytesPerSecond = before.bytesPerSecond + (instant - before.bytesPerSecond) * share;
  const startedMs = before.bytesPerSecond === 0 && instant === 0 ? sample.atMs : before.startedMs;
  const base = { startedMs, atMs: sample.atMs, bytesDone: sample.bytesDone, bytesPerSecond };
  const left = sample.bytesTotal - sample.bytesDone;
  if (left <= 0) return { ...base, leftMs: 0 };
  if (sample.atMs - startedMs < quietMs || bytesPerSecond < 1) return base;
  return { ...base, leftMs: settle(before.leftMs, (left * 1000) / bytesPerSecond, elapsedMs) };
}

function settle(shownMs: number | undefined, rawMs: number, elapsedMs: number): number {
  if (shownMs === undefined) return rawMs;
  const counted = Math.max(0, shownMs - elapsedMs);
  const off = Math.abs(rawMs - counted) / Math.max(counted, 1_000);
  const perSecond = off > farOff ? correctShare : nudgeShare;
  return counted + (rawMs - counted) * (1 - (1 - perSecond) ** (elapsedMs / 1000));
}
