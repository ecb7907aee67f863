// The licences of everything that is bundled into the app, collected into one text for the package. What counts is what
// the shipped rooms import, and whatever those packages need in turn. A package without a licence ends the build.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
export const noticesFile = 'dist/THIRD-PARTY-NOTICES.txt';

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
};
export type Notice = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
};

export function writeNotices(): void {
  const pages = collectNotices().map(
    ({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}`,
  );
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  writeFileSync(path.join(root, noticesFile), `${pages.join(`\n${'-'.repeat(80)}\n\n`)}\n`);
}

/** Sorted by name, so that the same lockfile makes the same text. */
export function collectNotices(): Notice[] {
  const found = new Map<string, Notice>();
  const waiting = importedPackages().map((name) => ({ name, from: root }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const folder = folderOf(next.name, next.from);
    if (folder === undefined || found.has(folder)) continue;
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
    if (typeof manifest.license !== 'string') throw new Error(`${manifest.name} names no licence`);
    found.set(folder, { ...manifest, license: manifest.license, text: licenceText(folder) });
    for (const name of Object.keys(manifest.dependencies ?? {})) waiting.push({ name, from: folder });
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** Bare names in the imports of the rooms that are packed. */
function importedPackages(): string[] {
  const names = new Set<string>();
  for (const room of ['electron', 'host', 'shared', 'renderer']) {
    for (const entry of readdirSync(path.join(root, room), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue;
      const source = readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
      for (const [, name] of source.matchAll(/(?:from |import |import\()'((?:@[\w.-]+\/)?[\w-][\w.-]*)/g)) {
        if (name !== 'electron' && !name!.startsWith('node:')) names.add(name!);
      }
    }
  }
  return [...names].filter((name) => name !== 'node').sort();
}

/** Where Node would find it, nearest first; types and optional packages may be nowhere. */
function folderOf(name: string, from: string): string | undefined {
  const places = createRequire(path.join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => path.join(place, name)).find((folder) => existsSync(path.join(folder, 'package.json')));
}

function licenceText(folder: string): string {
  const names = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(name));
  const texts = names
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  return texts.length > 0 ? texts.join('\n\n') : 'The package carries no licence text of its own; see the name above.';
}
