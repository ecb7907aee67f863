// What processes cost, read from /proc: resident memory and processor time of a process and all below it. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

const clockTicksPerSecond = 100;
const pageBytes = 4096;

export type ProcessCost = {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
};

/** Every process whose chain of parents reaches `rootPid`, itself included. */
export function processTree(rootPid: number): ProcessCost[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)));
  const wanted = new Set([rootPid]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, parent } of all) {
      if (!wanted.has(pid) && wanted.has(parent)) {
        wanted.add(pid);
        grew = true;
      }
    }
  }
  return all.filter(({ pid }) => wanted.has(pid));
}

/** What a process occupies now; nothing once it is gone. */
export function residentBytesOf(pid: number): number {
  return readProcess(pid)[0]?.residentBytes ?? 0;
}

export function cpuSecondsOf(rootPid: number): number {
  return processTree(rootPid).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

function readProcess(pid: number): ProcessCost[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return [
      {
        pid,
        parent: Number(fields[1]),
        command,
        residentBytes: Number(fields[21]) * pageBytes,
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond,
      },
    ];
  } catch {
    return [];
  }
}
