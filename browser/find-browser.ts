// Finds an installed browser of the Chromium family: CHROME_PATH, then PATH, then the places installers use.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { onPath } from './on-path.ts';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'brave-browser',
  'brave',
];

export function findBrowser(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const named = env.CHROME_PATH;
  if (named !== undefined && existsSync(named)) return named;
  const found = platform === 'win32' ? [] : onPath(names, env);
  return [...found, ...wellKnown(env, platform)].find((place) => existsSync(place));
}

function wellKnown(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') {
    return ['Chromium', 'Google Chrome', 'Microsoft Edge', 'Brave Browser'].flatMap((app) =>
      ['/Applications', path.join(env.HOME ?? '/', 'Applications')].map((at) =>
        path.join(at, `${app}.app`, 'Contents', 'MacOS', app),
      ),
    );
  }
  if (platform !== 'win32') return ['/snap/bin/chromium', '/opt/google/chrome/chrome', '/opt/brave.com/brave/brave'];
  const inside = [
    'Google\\Chrome\\Application\\chrome.exe',
    'Microsoft\\Edge\\Application\\msedge.exe',
    'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
    'Chromium\\Application\\chrome.exe',
  ];
  return [env.LOCALAPPDATA, env.ProgramFiles, env['ProgramFiles(x86)']]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => inside.map((file) => `${folder}\\${file}`));
}
