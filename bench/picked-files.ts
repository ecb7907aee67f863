// Twenty thousand small files, from the moment in which the app has them to the moment in which the other side can accept: picked in
// the page, dropped on it, and listed by the host (as the desktop app does with all). Beside that what the disk and the
// browser alone take for the same files. Run: node bench/picked-files.ts [--files N]

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { browserAlone } from '../tests/e2e/browser-alone.ts';
import { type Instance, startInstance } from '../tests/e2e/instance.ts';
import { pairByPaste } from '../tests/e2e/pairing.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '20000' } } });
const files = Number(values.files);
/** As small files are. */
const fileBytes = 4096;
const most = Intl.NumberFormat('en').format(files);

const root = mkdtempSync(path.join(tmpdir(), 'tincan-picked-'));
const folder = path.join(root, 'many');
mkdirSync(folder);
for (let at = 0; at < files; at += 1) writeFileSync(path.join(folder, `${at}.txt`), `${at}`.padEnd(fileBytes));

const rows: (readonly [what: string, ms: number])[] = [];

async function took(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** `factsAtOnce` files are asked about at a time. */
async function askDisk(factsAtOnce: number): Promise<void> {
  const paths = readdirSync(folder).map((name) => path.join(folder, name));
  for (let from = 0; from < paths.length; from += factsAtOnce) {
    await Promise.all(paths.slice(from, from + factsAtOnce).map((each) => lstat(each, { bigint: true })));
  }
}

/** On the clock that both pages share. */
function prompted({ page }: Instance): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          const accept = document.querySelector<HTMLButtonElement>('[data-testid="accept"]');
          if (accept?.disabled === false) resolve(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

/** When the page hears an event of that kind for the first time from now on. */
async function heard({ page }: Instance, kind: string): Promise<() => Promise<number>> {
  await page.evaluate((kind) => {
    const hear = () => Object.assign(window, { heardAt: performance.timeOrigin + performance.now() });
    window.addEventListener(kind, hear, { capture: true, once: true });
  }, kind);
  return () => page.evaluate(() => (window as unknown as { heardAt: number }).heardAt);
}

async function declined(anna: Instance, ben: Instance): Promise<void> {
  await ben.at('decline').click();
  await anna.page.locator('[data-testid="transfer"][data-direction="send"][data-state="declined"]').first().waitFor();
  await anna.at('clear-finished').click();
  await ben.at('clear-finished').click();
}

const anna = await startInstance({ name: 'anna', files: [folder] });
const ben = await startInstance({ name: 'ben' });
try {
  rows.push([`find -printf '%s'`, await took(() => execFileSync('find', [folder, '-printf', '%s\\n']))]);
  rows.push(['lstat, one at a time', await took(() => askDisk(1))]);
  rows.push(['lstat, 64 at a time', await took(() => askDisk(64))]);
  rows.push(['Chromium alone asks for the sizes', (await browserAlone(ben, folder)).sizesMs]);
  await pairByPaste(anna, ben);
  await anna.at('verify-match').click();

  // What waits is offered once both have compared.
  const clicked = await heard(ben, 'click');
  const ofHost = prompted(ben);
  await ben.at('verify-match').click();
  rows.push(['listed by the host → prompt', (await ofHost) - (await clicked())]);
  await declined(anna, ben);

  const picked = await heard(anna, 'change');
  const ofInput = prompted(ben);
  await anna.at('folder-input').setInputFiles(folder);
  rows.push(['picked in the page → prompt', (await ofInput) - (await picked())]);
  await declined(anna, ben);

  const dropped = await heard(anna, 'drop');
  const ofDrop = prompted(ben);
  const cdp = await anna.page.context().newCDPSession(anna.page);
  const data = { items: [], files: [folder], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: 500, y: 400, data });
  }
  rows.push(['dropped on the page → prompt', (await ofDrop) - (await dropped())]);
} finally {
  await Promise.all([anna, ben].map((each) => each.stop()));
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

console.log(`| ${most} files of 4 KiB | ms |\n|---|---|`);
for (const [what, ms] of rows) console.log(`| ${what} | ${Math.round(ms)} |`);
console.log(`Load of this machine: ${loadavg()[0]!.toFixed(1)}`);
