// A folder of twenty thousand small files, picked in the browser: what the screens say meanwhile, and how soon the other side is
// asked. Two hosts, two Chromiums.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserAlone } from './browser-alone.ts';
import { type Instance, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { link, rows, waitForState } from './pairing.ts';

/** As small files are. Of a few bytes each, all of them would travel in one block, and be there at once. */
const fileBytes = 4096;

let anna: Instance;
let ben: Instance;

beforeEach(async () => {
  [anna, ben] = await Promise.all([startInstance({ name: 'anna' }), startInstance({ name: 'ben' })]);
  await link(anna, ben);
});

afterEach(async (context) => {
  expect(await stopAll([anna, ben], context)).toEqual([]);
});

describe('twenty thousand small files', () => {
  it('are offered within seconds after “Reading folder…” stood there at once, and go at a steady count', async () => {
    const folder = path.join(temporaryFolder('source'), 'many');
    mkdirSync(folder);
    for (let at = 0; at < 20_000; at += 1) writeFileSync(path.join(folder, `${at}.txt`), `${at}`.padEnd(fileBytes));
    const { sizesMs, handingMs } = await browserAlone(ben, folder);
    // From the moment in which the page has the files: until then the browser reads the folder, and says so itself.
    await anna.page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>('[data-testid="folder-input"]')!;
      const times: Record<string, number> = {};
      Object.assign(window, { times });
      input.addEventListener('change', () => {
        times.picked = performance.now();
        // Before that the browser itself lists the folder, in the page.
        new PerformanceObserver((list) => {
          for (const { duration, startTime } of list.getEntries()) {
            if (startTime >= times.picked!) times.longest = Math.max(times.longest ?? 0, duration);
          }
        }).observe({ type: 'longtask' });
        const look = () => {
          if (document.querySelector('[data-testid="reading"]') !== null) times.reading = performance.now();
          else requestAnimationFrame(look);
        };
        look();
      });
    });
    const wallOf = (instance: Instance) => instance.page.evaluate(() => performance.timeOrigin);
    const prompted = ben.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const look = () => {
            const accept = document.querySelector<HTMLButtonElement>('[data-testid="accept"]');
            if (accept?.disabled === false) resolve(performance.now());
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
    await anna.at('folder-input').setInputFiles(folder);
    const promptedAt = (await prompted) + (await wallOf(ben));
    const times = await anna.page.evaluate(() => (window as unknown as { times: Record<string, number> }).times);
    const pickedAt = times.picked! + (await wallOf(anna));
    const [reading, prompt] = [times.reading! - times.picked!, promptedAt - pickedAt].map(Math.round) as [
      number,
      number,
    ];
    console.info(
      `picked → reading ${reading} ms, → prompt ${prompt} ms (the browser alone asks for the sizes in ${sizesMs} ms); ` +
        `longest task ${Math.round(times.longest ?? 0)} ms (the browser alone hands the files over in ${handingMs} ms)`,
    );
    expect(reading).toBeLessThan(500);
    expect(times.longest ?? 0).toBeLessThan(Math.max(100, 2 * handingMs));
    expect(prompt).toBeLessThan(Math.max(3_000, 3 * sizesMs));
    await ben.at('accept').click();
    // Everything that the row says from now on.
    const seen = await rows(ben, 'receive').evaluateHandle((element) => {
      const said: string[] = [];
      const look = () => said.push((element as HTMLElement).innerText);
      new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
      return said;
    });
    await waitForState(ben, 'receive', 'done', 90_000);
    const texts = await seen.jsonValue();
    const counts = texts.flatMap((text) => {
      // Words that belong together do not break: their spaces are no plain ones.
      const count = /([\d,]+)\sof\s20,000\sfiles/.exec(text)?.[1];
      return count === undefined ? [] : [Number(count.replaceAll(',', ''))];
    });
    expect(texts.filter((text) => /waiting for/i.test(text))).toEqual([]);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(5);
  });
});
