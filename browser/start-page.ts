// The page that leads the browser to Tincan. A browser's command line can be read by every account of the computer, so it
// names this file, which only this account can read, and the file holds the address with its start code.

import { rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface StartPage {
  readonly url: string;
  /** `address` holds nothing that HTML reads as markup: it is an address of 127.0.0.1 with hex in its fragment. */
  write(address: string): Promise<void>;
  /** Never throws: a file that stays is readable by this account only, and its code is used once. */
  remove(): void;
}

export function startPageIn(dataDir: string): StartPage {
  const file = path.join(dataDir, 'start.html');
  return {
    url: pathToFileURL(file).href,
    async write(address) {
      // What an earlier run left, or a link that somebody put there: never written through.
      await rm(file, { force: true });
      await writeFile(file, pageText(address), { flag: 'wx', mode: 0o600 });
    },
    remove() {
      try {
        rmSync(file, { force: true });
      } catch {
        // In use, or on a disk that became read-only. Whoever calls has more to end than this.
      }
    },
  };
}

function pageText(address: string): string {
  return [
    '<!doctype html>',
    '<meta charset="utf-8">',
    '<title>Tincan</title>',
    `<meta http-equiv="refresh" content="0;url=${address}">`,
    `<p><a href="${address}">Tincan</a></p>`,
    '',
  ].join('\n');
}
