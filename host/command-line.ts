// Tincan's own command line, read once for both shells: its options, and what is left in the order it was typed.

import path from 'node:path';
import { parseArgs } from 'node:util';

export const usage =
  'Usage: npm start -- [--browser] [--no-open] [--port N] [--data-dir DIR] [--download-dir DIR] [files and folders…]';

export type CommandLine = {
  readonly open: boolean;
  readonly port?: string;
  readonly dataDir?: string;
  readonly downloadDir?: string;
  /** `isName`: it stands after a double dash, and is the name of a file whatever it looks like. */
  readonly rest: readonly { readonly text: string; readonly isName: boolean }[];
};

/**
 * `foreign`: switches that are not ours belong to somebody else and are passed over, as Chromium's are in the desktop app.
 * Otherwise throws an Error whose message is for the person.
 */
export function readCommandLine(
  args: readonly string[],
  cwd: string,
  { foreign }: { readonly foreign: boolean },
): CommandLine {
  const { values, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: !foreign,
    tokens: true,
    options: {
      browser: { type: 'boolean' },
      'no-open': { type: 'boolean' },
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      'download-dir': { type: 'string' },
    },
  });
  const endOfOptions = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
  const { port } = values;
  return {
    open: values['no-open'] !== true,
    ...(typeof port === 'string' ? { port } : {}),
    ...folder('dataDir', values['data-dir']),
    ...folder('downloadDir', values['download-dir']),
    rest: tokens.flatMap((token) =>
      token.kind === 'positional' ? [{ text: token.value, isName: token.index > endOfOptions }] : [],
    ),
  };

  function folder<K extends string>(key: K, given: string | boolean | undefined): { readonly [key in K]?: string } {
    return typeof given === 'string' && given !== ''
      ? ({ [key]: path.resolve(cwd, given) } as { [key in K]: string })
      : {};
  }
}
