// The browser shell's command line. Refuses what it does not know instead of guessing.

import path from 'node:path';
import { parseArgs } from 'node:util';

export type ShellArguments = {
  readonly open: boolean;
  readonly port: number;
  readonly dataDir?: string;
  readonly downloadDir?: string;
  /** Absolute paths to stage. */
  readonly paths: readonly string[];
};

export const usage =
  'Usage: npm start -- [--browser] [--no-open] [--port N] [--data-dir DIR] [--download-dir DIR] [files and folders…]';

/** Throws an Error whose message is for the person. */
export function readShellArguments(args: readonly string[], cwd: string): ShellArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      browser: { type: 'boolean' },
      'no-open': { type: 'boolean' },
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      'download-dir': { type: 'string' },
    },
  });
  const port = values.port ?? '0';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port ${port} is not a port`);
  const dataDir = values['data-dir'];
  const downloadDir = values['download-dir'];
  return {
    open: values['no-open'] !== true,
    port: Number(port),
    ...(dataDir === undefined ? {} : { dataDir: path.resolve(cwd, dataDir) }),
    ...(downloadDir === undefined ? {} : { downloadDir: path.resolve(cwd, downloadDir) }),
    paths: positionals.map((given) => path.resolve(cwd, given)),
  };
}
