// Numbers that change while somebody reads them.

/** Two digits say what a speed says; more only flicker. */
export function roundTo2(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.round(value / unit) * unit;
}
