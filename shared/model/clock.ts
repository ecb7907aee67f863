// Time as a port: everything outside the shells gets it from here, so that a test or a simulation can own it.

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970, for what people read. Jumps when somebody sets the clock. */
  wallClockMs(): number;
  /** Runs `task` once after `ms`; the answer cancels it. */
  after(ms: number, task: () => void): () => void;
}
