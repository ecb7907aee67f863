// Who may import whom: the table in CONTRIBUTING.md, held against every import in the tree.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

type Rule = { readonly room: string; readonly may: readonly RegExp[] };

const anyPackage = /^(?!node:|electron(\/|$)|original-fs$)[@a-z]/;
/** What runs in the host process of the desktop app. Main owns no file and hashes nothing: it names only the log's events. */
const hostProcess = ['host-process', 'page-server', 'page-port', 'report-busy', 'remote-services'];
const react = /^(react|react-dom)(\/|$)/;
/** Whoever starts a Worker needs an address that the page's policy lets through. */
const trustedScript = /^renderer\/trusted-script\.ts$/;
const uiPackages =
  /^(react|react-dom|radix-ui|lucide-react|@tanstack\/react-virtual|zustand|@fontsource-variable\/inter)(\/|$)/;

/** The first rule whose room is a prefix of the file's path decides. `./x` inside a room is always allowed. */
const rules: readonly Rule[] = [
  { room: 'shared/model/schema.ts', may: [/^zod$/] },
  { room: 'shared/model/sha256-in-script.ts', may: [/^@noble\/hashes\/sha2\.js$/] },
  { room: 'shared/', may: [/^shared\//] },
  { room: 'engine/', may: [/^(engine|shared)\//] },
  { room: 'link/', may: [/^(link|shared)\//] },
  { room: 'host/disk/', may: [/^(host\/disk|shared)\//, /^node:/] },
  { room: 'host/', may: [/^(host|shared)\//, /^node:(?!fs|sqlite)/, anyPackage] },
  { room: 'electron/preload.ts', may: [/^shared\/ipc\//, /^electron\/renderer$/] },
  ...hostProcess.map((name) => ({
    room: `electron/${name}.ts`,
    may: [/^(electron|host|shared)\/.*\.ts$/, /^electron\/utility$/, /^original-fs$/],
  })),
  {
    room: 'electron/',
    may: [
      /^(electron|shared)\/.*\.ts$/,
      /^shared\/model\/host-environment\.json$/,
      /^host\/(log-event|command-line|page-headers)\.ts$/,
      /^electron\/(main|common)$/,
      /^node:/,
      /^electron-updater$/,
    ],
  },
  { room: 'browser/', may: [/^(browser|host|shared)\//, /^node:/, anyPackage] },
  { room: 'guest/main.tsx', may: [/^(guest|renderer|shared)\//] },
  {
    room: 'guest/',
    may: [
      /^(guest|shared)\//,
      /^renderer\/(bridge\/message-port|state\/(ports|app-state|browser-window))\.ts$/,
      /^renderer\/(worker\/engine-worker|scan\/scan-worker)\.ts$/,
    ],
  },
  { room: 'renderer/main.tsx', may: [/^(renderer|link|engine|shared)\//, anyPackage] },
  { room: 'renderer/gallery/', may: [/^(renderer|link|shared)\//, anyPackage] },
  {
    room: 'renderer/worker/',
    may: [/^(renderer\/worker|renderer\/bridge|engine|shared)\//, /^link\/(ports|rtc)\.ts$/, trustedScript],
  },
  { room: 'renderer/bridge/', may: [/^(renderer\/bridge|shared)\//, trustedScript] },
  { room: 'renderer/scan/', may: [/^(renderer\/scan|shared)\//, trustedScript, /^(qrcode|jsqr|zxing-wasm)(\/|$)/] },
  {
    room: 'renderer/state/',
    may: [/^(renderer\/state|shared)\//, /^link\/(link|ports)\.ts$/, /^engine\/commands\.ts$/, /^zustand(\/|$)/],
  },
  {
    room: 'simulation/',
    may: [
      /^(simulation|engine|link|host|shared)\//,
      /^renderer\/worker\/(host-disk|link-events)\.ts$/,
      /^electron\/page-server\.ts$/,
      /^node:/,
    ],
  },
  { room: 'renderer/ui/', may: [/^renderer\/(ui|state)\//, /^shared\/(model|strings)\//, uiPackages] },
];

/** Node's own names in a page, React in the engine, the DOM on the disk: never, whatever the table allows. */
const never: readonly Rule[] = [
  { room: 'host/', may: [/^(original-)?fs(\/|$)/] },
  { room: 'guest/', may: [/^node:/, /^(host|electron|browser)\//] },
  { room: 'renderer/', may: [/^node:/, /^guest\//, /^electron(\/|$)(?!.*\.ts$)/, /^(host|electron|browser)\//] },
  { room: 'link/', may: [react] },
  { room: 'engine/', may: [react] },
  { room: 'host/', may: [/^electron(\/|$)/, react] },
  { room: 'browser/', may: [/^electron(\/|$)/, react] },
];

const files = ['shared', 'engine', 'link', 'host', 'electron', 'browser', 'renderer', 'guest', 'simulation'].flatMap(
  (room) => sourcesIn(room),
);

describe('the import table', () => {
  it('has sources to hold against it', () => {
    expect(files.length).toBeGreaterThan(20);
  });

  it('is kept by every import', () => {
    const broken = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => !isAllowed(file, target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('leaves no circle of imports', () => {
    expect(
      findCircle(new Map(files.map((file) => [file, importsOf(file).filter((to) => files.includes(to))]))),
    ).toEqual([]);
  });

  it('finds an import that breaks it', () => {
    expect(isAllowed('shared/wire/frame.ts', 'node:fs')).toBe(false);
    expect(isAllowed('renderer/ui/app.tsx', 'shared/wire/frame.ts')).toBe(false);
    expect(isAllowed('electron/preload.ts', 'host/open-host.ts')).toBe(false);
    // Only a name that says the process tells the types of that process.
    for (const file of ['electron/window.ts', 'electron/preload.ts', 'electron/host-process.ts']) {
      expect(isAllowed(file, 'electron')).toBe(false);
    }
    expect(isAllowed('electron/preload.ts', 'electron/main')).toBe(false);
    expect(isAllowed('electron/host-process.ts', 'electron/main')).toBe(false);
    for (const past of ['node:fs', 'node:fs/promises', 'node:sqlite', 'original-fs', 'fs']) {
      expect(isAllowed('host/lan/remembered-store.ts', past)).toBe(false);
      expect(isAllowed('host/sink/staging.ts', past)).toBe(false);
    }
    expect(
      findCircle(
        new Map([
          ['a', ['b']],
          ['b', ['a']],
        ]),
      ),
    ).toEqual(['a', 'b', 'a']);
  });
});

function isAllowed(file: string, target: string): boolean {
  if (never.some((rule) => file.startsWith(rule.room) && rule.may.some((pattern) => pattern.test(target))))
    return false;
  const rule = rules.find(({ room }) => file.startsWith(room));
  if (rule === undefined) return true;
  return rule.may.some((pattern) => pattern.test(target));
}

/** Import specifiers, relative ones as paths from the root. Type imports count: a room's types are its face. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:import|getBuiltinModule)\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
  );
  return [...found].map(([, from, dynamic, bare]) => {
    const specifier = (from ?? dynamic ?? bare)!.replace(/\?.*$/, '');
    return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
  });
}

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => path.posix.join(path.relative(root, entry.parentPath), entry.name))
    .sort();
}

/** A path that returns to where it began, or nothing. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] => {
    const seenAt = trail.indexOf(file);
    if (seenAt >= 0) return [...trail.slice(seenAt), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const circle = walk(next, [...trail, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const circle = walk(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}
