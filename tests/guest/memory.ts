// How much memory a whole browser takes, all its processes together, while something goes on. Linux tells it; elsewhere nothing is
// measured, and the tests say so.

import { readdirSync, readFileSync } from 'node:fs';

export const canMeasure = process.platform === 'linux';

export interface MemoryWatch {
  /** Bytes above what it was at the start, at most. */
  close(): number;
}

/** `mark`: a path that stands in the command line of the browser's first process, such as that of its profile. */
export function watchMemory(mark: string): MemoryWatch {
  const startBytes = memoryOf(mark);
  let mostBytes = startBytes;
  const timer = setInterval(() => {
    mostBytes = Math.max(mostBytes, memoryOf(mark));
  }, 500);
  return {
    close() {
      clearInterval(timer);
      return mostBytes - startBytes;
    },
  };
}

function memoryOf(mark: string): number {
  if (!canMeasure) return 0;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((pid) => [pid, read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1]]));
  const ours = new Set(processes.filter((pid) => read(`/proc/${pid}/cmdline`).includes(mark)));
  for (let before = -1; before !== ours.size; ) {
    before = ours.size;
    for (const [pid, parent] of parents) if (parent !== undefined && ours.has(parent)) ours.add(pid);
  }
  let kilobytes = 0;
  // Memory that several processes share is divided among them.
  for (const pid of ours) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return kilobytes * 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
