// The desktop's own dialog for choosing a folder, through a program that is already there. A page may ask for the dialog but
// cannot answer it, so a folder that comes out of it was chosen by a person. Promises: nothing of the page is in the
// program's arguments; one dialog at a time, and none after the end of Tincan; no shell.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Fault } from '../shared/model/fault.ts';
import { onPath } from './on-path.ts';

/** The folder that the person chose, or nothing when they closed the dialog. `current` is where it opens. */
export type FolderDialog = (current: string) => Promise<string | undefined>;

type DialogProgram = { readonly program: string; readonly args: (current: string) => readonly string[] };

const title = 'Tincan: choose where to save';

/** Undefined where there is no desktop or no such program. `ending`: Tincan ends, and a dialog with it. */
export function findFolderDialog(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  ending?: AbortSignal,
): FolderDialog | undefined {
  const found = findProgram(env, platform);
  if (found === undefined) return undefined;
  let isOpen = false;
  return async (current) => {
    if (isOpen) throw new Fault('bridge-busy', 'a dialog is open already');
    isOpen = true;
    try {
      return await run(found, current, ending);
    } finally {
      isOpen = false;
    }
  };
}

function run(
  { program, args }: DialogProgram,
  current: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args(current)], { encoding: 'utf8', signal }, (error, output) => {
      const chosen = output.replace(/\r?\n$/, '');
      if (error === null) resolve(chosen === '' ? undefined : chosen);
      // Every one of these programs ends with 1 when its dialog is closed without a choice.
      else if (error.code === 1) resolve(undefined);
      else reject(new Fault('internal', 'the dialog did not open', { cause: error }));
    });
    child.stdin?.end();
  });
}

function findProgram(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): DialogProgram | undefined {
  if (platform === 'darwin') return { program: '/usr/bin/osascript', args: appleScript };
  if (platform === 'win32') {
    const program = path.win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32/WindowsPowerShell/v1.0/powershell.exe');
    return { program, args: powerShell };
  }
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  return [
    { name: 'zenity', args: zenity },
    { name: 'kdialog', args: kdialog },
  ]
    .flatMap(({ name, args }) => onPath([name], env).map((program) => ({ program, args })))
    .find(({ program }) => existsSync(program));
}

// A folder that ends in a slash is opened; without it the dialog would open its parent.
const zenity = (current: string) => ['--file-selection', '--directory', `--title=${title}`, `--filename=${current}/`];

const kdialog = (current: string) => ['--title', title, '--getexistingdirectory', current];

function appleScript(current: string): readonly string[] {
  // A folder that is not there would be an error.
  const start = existsSync(current) ? ' default location (POSIX file (item 1 of argv))' : '';
  const script = ['on run argv', `POSIX path of (choose folder with prompt "${title}"${start})`, 'end run'];
  return [...script.flatMap((line) => ['-e', line]), current];
}

function powerShell(current: string): readonly string[] {
  const script = [
    'Add-Type -AssemblyName System.Windows.Forms',
    '[Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false',
    '$dialog = New-Object System.Windows.Forms.FolderBrowserDialog',
    `$dialog.Description = '${title}'`,
    // Base64 carries any name of a folder through the command line unchanged.
    `$dialog.SelectedPath = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(current).toString('base64')}'))`,
    '$owner = New-Object System.Windows.Forms.Form -Property @{ TopMost = $true }',
    "if ($dialog.ShowDialog($owner) -eq 'OK') { [Console]::Out.Write($dialog.SelectedPath) } else { exit 1 }",
  ];
  return ['-NoProfile', '-NonInteractive', '-STA', '-Command', script.join('; ')];
}
