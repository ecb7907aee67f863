// How smooth the screens are, in a real Chromium: frames while 5 000 offered rows are scrolled, long tasks, how far an offer
// moves what is on the screen, and how soon the first screen shows a code on a warm start. Run: node bench/screens.ts

import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../build/chromium-path.ts';
import { openGallery } from '../build/gallery.ts';
import { chromiumFlags, startHost } from '../tests/e2e/instance.ts';
import { openPlainChromium } from './plain-chromium.ts';

type Seen = {
  readonly frames: number;
  readonly ms: number;
  readonly longTasks: readonly number[];
  readonly shift: number;
};
type Stage = { readonly plan: unknown; emit(event: unknown): void };

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-screens-'));
const gallery = await openGallery();
const driven = await chromium.launch({ executablePath: chromiumPath, args: chromiumFlags });
const page = await driven.newPage({ viewport: { width: 1080, height: 640 } });

async function show(scene: string): Promise<void> {
  await page.goto(`${gallery.url}?scene=${scene}`);
  await page.getByTestId('session').waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 20; frame += 1) await new Promise(requestAnimationFrame);
  });
}

type Work = 'scroll the offer' | 'an offer comes' | 'notes come';

/** Works for some frames and tells what the browser saw of it. */
function watch(page: Page, work: Work, frames: number): Promise<Seen> {
  return page.evaluate(
    async ({ frames, work }) => {
      const longTasks: number[] = [];
      let shift = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (entry.entryType === 'longtask') longTasks.push(Math.round(entry.duration));
          else shift += (entry as PerformanceEntry & { value: number }).value;
        }
      });
      observer.observe({ type: 'longtask' });
      observer.observe({ type: 'layout-shift' });
      const { stage } = window as unknown as { stage: Stage };
      const list = document.querySelector('.offer-rows');
      const step = (frame: number) => {
        if (work === 'scroll the offer' && list !== null) {
          list.scrollTop = (list.scrollTop + 97) % (list.scrollHeight - list.clientHeight);
        }
        if (work === 'an offer comes' && frame === 0) {
          stage.emit({ is: 'offer', connection: 1, transfer: 'f'.repeat(32), plan: stage.plan });
        }
        for (let note = 0; work === 'notes come' && frame < 50 && note < 4; note += 1) {
          stage.emit({ is: 'text', connection: 1, fromPeer: true, text: 'word '.repeat(12_288) });
        }
      };
      const from = performance.now();
      for (let frame = 0; frame < frames; frame += 1) {
        step(frame);
        await new Promise(requestAnimationFrame);
      }
      const ms = performance.now() - from;
      await new Promise((resolve) => setTimeout(resolve, 300));
      observer.disconnect();
      return { frames, ms, longTasks, shift };
    },
    { frames, work },
  );
}

/** The browser keeps compiled code from the second start on, and uses it from the third. */
const coldStarts = 3;
const warmStarts = 9;

/** In the page, before its own scripts: when a code is there, and the frame after that, in which its picture is drawn as well. */
const noteTheCode = `{
  const look = () => {
    const code = document.querySelector('[data-testid="code-text"]')?.value;
    if (code?.startsWith('TINCAN:')) requestAnimationFrame(() => { window.noted = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

function median(all: readonly number[]): number {
  return Math.round(all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!);
}

const rows: string[] = [];
const longest = ({ longTasks }: Seen) => Math.max(0, ...longTasks);

try {
  await page.goto(`${gallery.url}?scene=offer-many&rows=5000`);
  await page.getByTestId('offer-file').first().waitFor();
  await watch(page, 'scroll the offer', 60);
  const scrolled = await watch(page, 'scroll the offer', 300);
  rows.push(`| 5 000 offered rows, scrolled | ${Math.round((scrolled.frames * 1000) / scrolled.ms)} frames a second |`);
  rows.push(`| longest task of the page meanwhile | ${longest(scrolled)} ms |`);

  await show('transfers');
  const offered = await watch(page, 'an offer comes', 60);
  rows.push(`| layout shift when an offer arrives | ${offered.shift.toFixed(3)} |`);
  rows.push(`| longest task when an offer arrives | ${longest(offered)} ms |`);

  await show('linked');
  const noted = await watch(page, 'notes come', 120);
  rows.push(`| longest task while 200 notes of 60 KiB arrive | ${longest(noted)} ms |`);
} finally {
  await gallery.close();
  await driven.close();
}

// With a profile on the disk, as Tincan's own window has one. Without it Chromium keeps no compiled code between two starts
// (content/browser/storage_partition_impl.cc: no code cache where a profile is in memory).
const plain = await openPlainChromium(path.join(folder, 'profile'));
const host = await startHost({ dataDir: path.join(folder, 'data'), downloadDir: path.join(folder, 'downloads') });
try {
  const starts = [];
  for (let start = 0; start < coldStarts + warmStarts; start += 1) starts.push(await plain.load(host.url, noteTheCode));
  const warm = starts.slice(coldStarts);
  rows.push(
    `| first screen with a code, warm (median of ${warm.length}) | ${median(warm.map(({ noted }) => noted))} ms |`,
    `| of that, processor time of the page's own thread, whatever else runs | ${median(warm.map(({ workedMs }) => workedMs))} ms |`,
  );
} finally {
  host.process.kill('SIGINT');
  await plain.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

console.log(['| what | measured |', '|---|---|', ...rows].join('\n'));
console.log(`Load of this machine: ${loadavg()[0]!.toFixed(1)}`);
