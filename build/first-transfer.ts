// Makes the moving picture of the README, docs/screenshots/first-transfer.png: a first transfer from the invite to its end, in the
// gallery's stand-ins. Run: node build/first-transfer.ts

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { mega, progress, transfer } from '../renderer/gallery/scene-transfers.ts';
import { animate, type Frame } from './apng.ts';
import { chromiumPath } from './chromium-path.ts';
import { openGallery } from './gallery.ts';

const target = path.join(fileURLToPath(new URL('../', import.meta.url)), 'docs/screenshots/first-transfer.png');
const gallery = await openGallery();
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-background-networking'],
});
const frames: Frame[] = [];
try {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  await page.setViewportSize({ width: 1000, height: 640 });

  const keep = async (ms: number) => {
    await page.evaluate(
      '(async () => { await document.fonts.ready; for (let n = 0; n < 4; n += 1) await new Promise(requestAnimationFrame); })()',
    );
    frames.push({ png: await page.screenshot({ animations: 'disabled' }), ms });
  };
  const show = async (scene: string, ms: number) => {
    await page.goto(`${gallery.url}?scene=${scene}&theme=light`);
    await page.getByTestId('session').waitFor();
    // Nobody is asked in the first moment.
    await page.locator('[data-testid="verify-match"]:disabled').waitFor({ state: 'detached' });
    await keep(ms);
  };
  const emit = (event: unknown) => page.evaluate(`stage.emit(${JSON.stringify(event)})`);

  await show('pairing-staged', 2000);
  await show('pairing-reply', 1600);
  await show('linked-digits', 1800);
  await show('linked', 600);
  await emit(transfer(8, { state: 'offered' }));
  await keep(1200);
  await emit(transfer(8, {}));
  for (const share of [0.08, 0.24, 0.41, 0.57, 0.73, 0.9]) {
    await emit(progress([8, share * 734 * mega]));
    await keep(350);
  }
  await emit(transfer(8, { state: 'done', rootHash: '9f2c'.repeat(16), endedAtMs: 1 }));
  await keep(3000);
} finally {
  await browser.close();
  await gallery.close();
}
await writeFile(target, animate(frames));
