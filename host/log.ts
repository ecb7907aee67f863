// What happened, one JSON line each, in `logs/` of the data folder. Promises: only events of the closed set, files of
// bounded size and number that belong to this account alone, and never trouble for whoever writes: a log that cannot be
// written is left out.

import path from 'node:path';
import { logBurstEvents, logEventsPerSecond, logFileMaxBytes, logFilesMax } from '../shared/wire/limits.ts';
import { TokenBucket } from '../shared/wire/token-bucket.ts';
import type { BlockingAppend, BlockingDisk } from './disk/disk.ts';
import { type LogEvent, logEvent } from './log-event.ts';

export interface Log {
  write(event: LogEvent): void;
  close(): void;
}

export const logFolder = (dataDir: string): string => path.join(dataDir, 'logs');

export function openLog(disk: BlockingDisk, dataDir: string, now: () => number = Date.now): Log {
  const folder = logFolder(dataDir);
  const bucket = new TokenBucket(logEventsPerSecond, logBurstEvents, now());
  let file = tryTo(() => openCurrent(disk, folder));
  let leftOut = 0;

  function append(event: LogEvent): void {
    if (file === undefined) return;
    const line = `${JSON.stringify({ at: new Date(now()).toISOString(), ...event })}\n`;
    const current = file;
    tryTo(() => {
      if (current.bytes + line.length > logFileMaxBytes) {
        // Forgotten before it is closed: should this fail half way, its number may soon be somebody else's file.
        file = undefined;
        current.handle.close();
        rotate(disk, folder);
        file = openCurrent(disk, folder);
      }
      if (file !== undefined) file.bytes += file.handle.append(line);
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
      file?.handle.close();
      file = undefined;
    },
  };
}

type OpenFile = { readonly handle: BlockingAppend; bytes: number };

const nameOf = (age: number): string => (age === 0 ? 'tincan.log' : `tincan.${age}.log`);

function openCurrent(disk: BlockingDisk, folder: string): OpenFile {
  disk.makeFolders(folder, 0o700);
  const handle = disk.openPrivateAppend(path.join(folder, nameOf(0)));
  return { handle, bytes: handle.bytes };
}

function rotate(disk: BlockingDisk, folder: string): void {
  disk.removeFile(path.join(folder, nameOf(logFilesMax - 1)));
  for (let age = logFilesMax - 2; age >= 0; age -= 1) {
    tryTo(() => disk.rename(path.join(folder, nameOf(age)), path.join(folder, nameOf(age + 1))));
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
