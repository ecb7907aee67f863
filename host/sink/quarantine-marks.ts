// Marks what arrived as coming from elsewhere, the way each system's browsers do, so that it asks before running any of
// it. A disk that cannot hold the mark (FAT under Windows) keeps the file without: a missing mark loses nobody's bytes.

import { execFile } from 'node:child_process';
import { xattrFilesAtOnce } from '../../shared/wire/limits.ts';

export interface QuarantineMarks {
  /** A stream that every file carries, written with it. */
  readonly beside: { readonly suffix: string; readonly content: string } | null;
  /** Many files at once, before they get their names. */
  together(files: readonly string[]): Promise<void>;
}

export type RunProgram = (program: string, args: readonly string[]) => Promise<void>;

/** The internet zone. */
const zone = '[ZoneTransfer]\r\nZoneId=3\r\n';
const xattr = '/usr/bin/xattr';

export function quarantineMarks(platform: NodeJS.Platform, run: RunProgram = runProgram): QuarantineMarks {
  const nothing = async (): Promise<void> => undefined;
  if (platform === 'win32') return { beside: { suffix: ':Zone.Identifier', content: zone }, together: nothing };
  // Linux has no such mark: there, what is not executable is not run.
  if (platform !== 'darwin') return { beside: null, together: nothing };
  return {
    beside: null,
    async together(files) {
      for (let from = 0; from < files.length; from += xattrFilesAtOnce) {
        const some = files.slice(from, from + xattrFilesAtOnce);
        await run(xattr, ['-w', 'com.apple.quarantine', quarantine(), ...some]).catch(nothing);
      }
    },
  };
}

/** Flags (quarantined, from elsewhere), when in hexadecimal seconds, and by whom. */
function quarantine(): string {
  return `0081;${Math.floor(Date.now() / 1000).toString(16)};Tincan;`;
}

/** No shell, and paths that are absolute: a name is never a switch. */
function runProgram(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, args, (error) => (error === null ? resolve() : reject(error)));
  });
}
