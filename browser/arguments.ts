// The browser shell's command line. Refuses what it does not know instead of guessing.

import path from 'node:path';
import { readCommandLine } from '../host/command-line.ts';

export type ShellArguments = {
  readonly open: boolean;
  readonly port: number;
  readonly dataDir?: string;
  readonly downloadDir?: string;
  /** Absolute paths to stage. */
  readonly paths: readonly string[];
};

/** Throws an Error whose message is for the person. */
export function readShellArguments(args: readonly string[], cwd: string): ShellArguments {
  const { port = '0', rest, ...asked } = readCommandLine(args, cwd, { foreign: false });
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port ${port} is not a port`);
  return { ...asked, port: Number(port), paths: rest.map(({ text }) => path.resolve(cwd, text)) };
}
