// What a program of the system prints, within bounds of time.

import { execFile } from 'node:child_process';
import { routeProgramMs } from '../../shared/wire/limits.ts';

export function runSystemProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { timeout: routeProgramMs, windowsHide: true }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
