// How long a test waits for a condition that comes true. On a slow machine that takes long, and whoever waits longer loses nothing.

export const conditionMs = 15_000;
