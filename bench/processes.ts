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

/** The same by thread, under the kind of its process and its own name. Threads that end in between are not counted. */
export function cpuSecondsByThread(rootPid: number): Map<string, number> {
  const all = new Map<string, number>();
  for (const { pid, command } of processTree(rootPid)) {
    const kind = /--utility-sub-type=([\w.]+)/.exec(command)?.[1] ?? /--type=([\w-]+)/.exec(command)?.[1] ?? 'first';
    for (const thread of threadsOf(pid)) {
      const name = `${kind}: ${thread.name}`;
      all.set(name, (all.get(name) ?? 0) + thread.cpuSeconds);
    }
  }
  return all;
}

function threadsOf(pid: number): { readonly name: string; readonly cpuSeconds: number }[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const nameEnd = stat.lastIndexOf(')');
      const fields = stat.slice(nameEnd + 2).split(' ');
      return {
        name: stat.slice(stat.indexOf('(') + 1, nameEnd),
        cpuSeconds: (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond,
      };
    });
  } catch {
    return [];
  }
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
