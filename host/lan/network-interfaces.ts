// The networks of this computer. Promises: asking never throws. A process that has no file handle left for a moment cannot ask the system
// (getifaddrs opens a socket), and what it named last is true more likely than that there is no network.

import { networkInterfaces as askSystem } from 'node:os';

type Interfaces = ReturnType<typeof askSystem>;

let last: Interfaces = {};

export function networkInterfaces(): Interfaces {
  try {
    last = askSystem();
  } catch {
    // No handle, or no memory: it is asked again soon.
  }
  return last;
}
