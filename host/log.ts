// What happened, one JSON line each, in `logs/` of the data folder. Promises: only events of the closed set, files of
// bounded size and number that belong to this account alone, and never trouble for whoever writes: a log that cannot be
// written is left out.

import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { logBurstEvents, logEventsPerSecond, logFileMaxBytes, logFilesMax } from '../shared/wire/limits.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import { type LogEvent, logEvent } from './log-event.ts';

export interface Log {
  write(event: LogEvent): void;
  close(): void;
}

export const logFolder = (dataDir: string): string => path.join(dataDir, 'logs');

export function openLog(dataDir: string, now: () => number = Date.now): Log {
  const folder = logFolder(dataDir);
  const bucket = new TokenBucket(logEventsPerSecond, logBurstEvents, now());
  let file = tryTo(() => openCurrent(folder));
  let leftOut = 0;

  function append(event: LogEvent): void {
    if (file === undefined) return;
    const line = `${JSON.stringify({ at: new Date(now()).toISOString(), ...event })}\n`;
    const { fd, bytes } = file;
    tryTo(() => {
      if (bytes + line.length > logFileMaxBytes) {
        // Forgotten before it is closed: should this fail half way, its number may soon be somebody else's file.
        file = undefined;
        closeSync(fd);
        rotate(folder);
        file = openCurrent(folder);
      }
      if (file !== undefined) file.bytes += writeSync(file.fd, line);
    });
  }

  return {
    write(event) {
      // The types keep strings out; what got past them is not written either.
      const checked = logEvent.safeParse(event);
      if (!checked.success || !bucket.take(now())) {
        leftOut += 1;
        return;
      }
      if (leftOut > 0) append({ is: 'left-out', events: leftOut });
      leftOut = 0;
      append(checked.data);
    },
    close() {
      if (file !== undefined) closeSync(file.fd);
      file = undefined;
    },
  };
}

type OpenFile = { readonly fd: number; bytes: number };

const nameOf = (age: number): string => (age === 0 ? 'tincan.log' : `tincan.${age}.log`);

function openCurrent(folder: string): OpenFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(path.join(folder, nameOf(0)), 'a', 0o600);
  // A file from before may have been made readable to others.
  fchmodSync(fd, 0o600);
  return { fd, bytes: fstatSync(fd).size };
}

function rotate(folder: string): void {
  rmSync(path.join(folder, nameOf(logFilesMax - 1)), { force: true });
  for (let age = logFilesMax - 2; age >= 0; age -= 1) {
    tryTo(() => renameSync(path.join(folder, nameOf(age)), path.join(folder, nameOf(age + 1))));
  }
}

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    // A full or vanished disk has sentences of its own; the log is not worth a second one.
    return undefined;
  }
}
