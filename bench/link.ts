// `npm run bench:link`: what pairing and healing take here. Prints a table, writes JSON. Needs root for the namespaces;
// rows it cannot measure say why. Options: --late SECONDS (default 90)   --slow (adds the 300 s reply)

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openJsqr, openZxing } from '../renderer/scan/read-pixels.ts';
import { encodeCode } from '../shared/code/code-text.ts';
import { linkByPaste, openBrowser } from '../tests/net/link-browser.ts';
import { whyNoNamespaces } from '../tests/net/namespaces.ts';
import { later, type Machines, openMachines } from '../tests/net/pair-of-machines.ts';
import { everyShot, takeShot } from '../tests/pictures/distorted-code.ts';
import { sampleCode } from '../tests/unit/code/sample-codes.ts';

const { values } = parseArgs({
  options: { late: { type: 'string', default: '90' }, slow: { type: 'boolean', default: false } },
});
const root = fileURLToPath(new URL('../', import.meta.url));

type Row = { readonly what: string; readonly value: number | null; readonly unit: string; readonly note?: string };

const jobs: readonly (() => Promise<readonly Row[]>)[] = [codes, lateReply, lateWithoutFeeding, cuts, addressChange];
const without = whyNoNamespaces();
const rows: Row[] =
  without === undefined
    ? (await Promise.all([...jobs, ...(values.slow ? [openLate] : [])].map((job) => job()))).flat()
    : [...(await codes()), { what: 'late replies, cuts, address change', value: null, unit: 'ms', note: without }];
rows.push(...(await qrRates()));
report();

/** Ten fresh links, one after another: what a person waits for before there is something to copy. */
async function codes(): Promise<readonly Row[]> {
  const browser = await openBrowser();
  try {
    const times: number[] = [];
    const lengths: number[] = [];
    const links: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const [a, b] = [`a${round}`, `b${round}`];
      const measured = await browser.page.evaluate(async (name) => {
        const from = performance.now();
        const { link } = window.links.open(name);
        return new Promise<{ readonly ms: number; readonly chars: number }>((resolve) => {
          const stop = link.onChange((view) => {
            if (view.at !== 'pairing' || view.code.at !== 'ready') return;
            stop();
            resolve({ ms: performance.now() - from, chars: view.code.text.length });
          });
        });
      }, a);
      times.push(measured.ms);
      lengths.push(measured.chars);
      const [anna, ben] = [browser.link(a), await browser.open(b)];
      await ben.take(await anna.code('invite'));
      const reply = await ben.code('reply');
      const from = performance.now();
      await anna.take(reply);
      await Promise.all([anna.until('linked'), ben.until('linked')]);
      links.push(performance.now() - from);
      await browser.page.evaluate(
        (names) => {
          for (const name of names) window.links.close(name);
        },
        [a, b],
      );
    }
    return [
      { what: 'code length', value: median(lengths), unit: 'characters' },
      { what: 'open to code on screen, LAN only', value: median(times), unit: 'ms', note: 'bar: 300' },
      { what: 'reply taken to digits on both screens', value: median(links), unit: 'ms' },
    ];
  } finally {
    await browser.close();
  }
}

function lateReply(): Promise<readonly Row[]> {
  return late(`reply taken ${values.late} s late, two stateful firewalls`, Number(values.late), { firewalls: true });
}

function lateWithoutFeeding(): Promise<readonly Row[]> {
  const options = { firewalls: true, refeed: false };
  return late('the same, candidates not fed again', Number(values.late), options);
}

function openLate(): Promise<readonly Row[]> {
  return late('reply taken 300 s late, open network', 300, { firewalls: false });
}

function late(what: string, seconds: number, options: Parameters<typeof openMachines>[0]): Promise<readonly Row[]> {
  return on(options, async ({ anna, ben }) => {
    await ben.take(await anna.code('invite'));
    const reply = await ben.code('reply');
    await later(seconds * 1_000);
    await anna.take(reply);
    try {
      const ms = Math.max(...(await Promise.all([anna.until('linked', 10_000), ben.until('linked', 10_000)])));
      return [{ what, value: ms, unit: 'ms' }];
    } catch {
      return [{ what, value: null, unit: 'ms', note: 'no link within 10 s' }];
    }
  });
}

function cuts(): Promise<readonly Row[]> {
  return on({ firewalls: true }, async ({ network, anna, ben }) => {
    await linkByPaste(anna, ben);
    const measured: Row[] = [];
    for (const [n, seconds] of [1, 20, 60].entries()) {
      network.cut('a');
      await later(seconds * 1_000);
      network.mend('a');
      const from = performance.now();
      await Promise.all([anna.until('linked', 30_000), ben.until('linked', 30_000)]);
      await anna.note(n);
      await ben.untilNote(n);
      measured.push({
        what: `cut of ${seconds} s: cable back to first byte through`,
        value: performance.now() - from,
        unit: 'ms',
      });
    }
    return measured;
  });
}

function addressChange(): Promise<readonly Row[]> {
  return on({ firewalls: false }, async ({ network, anna, ben }) => {
    await linkByPaste(anna, ben);
    await Promise.all([anna.untilStandby(3), ben.untilStandby(3)]);
    network.changeAddress('a', 9);
    const from = performance.now();
    await anna.nudge('addresses');
    await Promise.all([anna.untilFact('adopted', 2), ben.untilFact('adopted', 2)]);
    return [{ what: 'address changed to link moved to a spare', value: performance.now() - from, unit: 'ms' }];
  });
}

async function on(
  options: Parameters<typeof openMachines>[0],
  measure: (machines: Machines) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const machines = await openMachines(options);
  try {
    return await measure(machines);
  } finally {
    await machines.close();
  }
}

/** The same distorted pictures that the tests hold at 85 %. */
async function qrRates(): Promise<readonly Row[]> {
  const text = encodeCode(sampleCode());
  const pictures = everyShot().map((shot) => takeShot(text, shot));
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  const measured: Row[] = [];
  for (const reader of [await openZxing(Uint8Array.from(wasm).buffer), await openJsqr()]) {
    const from = performance.now();
    let read = 0;
    for (const picture of pictures) if ((await reader.read(picture)).includes(text)) read += 1;
    const msEach = (performance.now() - from) / pictures.length;
    measured.push({
      what: `distorted QR pictures read by ${reader.name}`,
      value: (100 * read) / pictures.length,
      unit: '%',
      note: `${read} of ${pictures.length}, ${msEach.toFixed(1)} ms each`,
    });
  }
  return measured;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

function report(): void {
  console.log('| what | value | note |\n|---|---|---|');
  for (const { what, value, unit, note } of rows) {
    console.log(`| ${what} | ${value === null ? '–' : `${value.toFixed(0)} ${unit}`} | ${note ?? ''} |`);
  }
  const file = path.join(root, 'tests', '.results', 'bench-link.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ rows }, null, 2));
  console.error(`Written to ${path.relative(root, file)}.`);
}
