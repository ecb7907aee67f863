// Builds the guest page: one HTML file with everything inside, that opens from disk and asks no server for anything. Writes it to
// dist/guest/, and a copy for the page of the shells to save (renderer/fetch-guest-page.ts). Equal sources give equal bytes.

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, type Plugin, type Rolldown } from 'vite';
import manifest from '../package.json' with { type: 'json' };
import { connectNowhere, inviteTag } from '../shared/model/guest-page.ts';
import { insidePage } from './inside-page.ts';
import { collectNotices } from './notices.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const workerText = '?worker-text';

/** `import text from './x.ts?worker-text'`: all of it as one classic script, which is what Chromium starts from a `blob:` address. */
function workerTexts(packages: Set<string>): Plugin {
  return {
    name: 'worker-texts',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (!id.endsWith(workerText)) return undefined;
      const found = await this.resolve(id.slice(0, -workerText.length), importer);
      return found && `${found.id}${workerText}`;
    },
    async load(id) {
      if (!id.endsWith(workerText)) return undefined;
      const { script } = await bundle(id.slice(0, -workerText.length), packages);
      return `export default ${JSON.stringify(script)};`;
    },
  };
}

/**
 * One script and one style sheet; pictures, fonts and WebAssembly are inside them. Adds the packages of which something is inside to
 * `packages`.
 */
async function bundle(entry: string, packages: Set<string>): Promise<{ script: string; style: string }> {
  const config: InlineConfig = {
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    plugins: [react(), workerTexts(packages)],
    define: { TINCAN_VERSION: JSON.stringify(manifest.version) },
    build: {
      write: false,
      // Firefox 153 and Chromium 140 know all of it.
      target: ['chrome140', 'firefox153'],
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      cssCodeSplit: false,
      modulePreload: false,
      chunkSizeWarningLimit: 8_000,
      rolldownOptions: {
        input: entry,
        output: { format: 'iife', codeSplitting: false },
        onwarn(warning, warn) {
          // Vite's loader of separate files, which has none to load here.
          if (warning.code !== 'EMPTY_IMPORT_META') warn(warning);
        },
      },
    },
  };
  const { output } = (await build(config)) as Rolldown.RolldownOutput;
  for (const file of output) for (const id of file.type === 'chunk' ? file.moduleIds : []) addPackage(packages, id);
  const scripts = output.flatMap((file) => (file.type === 'chunk' ? [file.code] : []));
  const styles = output.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith('.css') ? [String(file.source)] : [],
  );
  const others = output.filter((file) => file.type === 'asset' && !file.fileName.endsWith('.css'));
  if (scripts.length !== 1 || others.length > 0) {
    throw new Error(`not one script alone: ${output.map(({ fileName }) => fileName).join(', ')}`);
  }
  return { script: scripts[0]!, style: styles.join('\n') };
}

function addPackage(packages: Set<string>, module: string): void {
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
  if (name !== undefined) packages.add(name);
}

/** Of the packages inside, for whoever opens the file in an editor. Two hyphens would end the comment. */
function noticesOf(packages: ReadonlySet<string>): string {
  return collectNotices()
    .filter(({ name }) => packages.has(name))
    .map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text.trim()}`)
    .join('\n\n')
    .replaceAll(/-(?=-)/g, '- ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    // The reader of QR codes is WebAssembly in a Worker.
    `script-src ${hashSource(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashSource(style)}`,
    // None of these is a request: they are parts of this page.
    'img-src data: blob:',
    'media-src blob:',
    'font-src data:',
    connectNowhere.slice(0, -1),
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    // Text never becomes markup or code; a Worker's address is the one exception (guest/start-worker.ts).
    "require-trusted-types-for 'script'",
    'trusted-types tincan',
  ].join('; ');
}

export async function makeGuestPage(): Promise<string> {
  // Whatever the caller's environment says: React would be another one.
  process.env.NODE_ENV = 'production';
  const packages = new Set<string>();
  const bundled = await bundle(path.join(root, 'guest/main.tsx'), packages);
  const script = insidePage(bundled.script);
  const { style } = bundled;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${inviteTag('')}
<link rel="icon" href="data:,">
<title>Tincan</title>
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<script>${script}</script>
</body>
</html>
<!--
${noticesOf(packages)}
-->
`;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

if (import.meta.main) {
  const page = Buffer.from(await makeGuestPage());
  for (const file of ['dist/guest/tincan-guest.html', 'dist/renderer/guest-page.bin']) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), page);
  }
  const digest = createHash('sha256').update(page).digest('hex');
  console.error(`dist/guest/tincan-guest.html: ${megabytes(page.length)}, ${megabytes(gzipSync(page).length)} gzipped`);
  console.error(`SHA-256 ${digest}`);
}
