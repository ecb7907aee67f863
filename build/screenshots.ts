// Renders every scene of the gallery in all its looks. The pictures go to tests/.results/screenshots, those that the README
// shows also to docs/screenshots, and thumbnails to tests/e2e/screens, which the gallery's test compares with.

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium-path.ts';
import { openGallery } from './gallery.ts';
import { looks, thumbnails } from './screen-likeness.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const results = path.join(root, 'tests/.results/screenshots');
const shown = path.join(root, 'docs/screenshots');
const baselines = path.join(root, 'tests/e2e/screens');
/** Scene and look, and the name that the README knows it by. */
const best: Readonly<Record<string, string>> = {
  'pairing-staged-light': 'pairing-staged-light',
  'pairing-staged-dark': 'pairing-staged-dark',
  'pairing-narrow': 'pairing-narrow',
  'sending-light': 'transfers-light',
  'sending-dark': 'transfers-dark',
  'offer-light': 'offer-light',
  'save-guest-light': 'save-guest-light',
  'phone-light': 'phone-light',
};

const wanted = process.argv.slice(2);
for (const folder of [results, shown, baselines]) await mkdir(folder, { recursive: true });
const gallery = await openGallery();
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  await page.goto(gallery.url);
  const scenes = await page.getByRole('link').allInnerTexts();
  for (const scene of scenes.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    const pictures: Buffer[] = [];
    for (const { height, name, theme, width } of looks) {
      await page.setViewportSize({ width, height });
      await page.goto(`${gallery.url}?scene=${scene}&theme=${theme}`);
      await page.getByTestId('session').waitFor();
      await page.waitForLoadState('networkidle');
      await page.evaluate('scrollTo(0, 0)');
      pictures.push(await page.screenshot({ animations: 'disabled' }));
      const file = path.join(results, `${scene}-${name}.png`);
      await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
      const kept = best[`${scene}-${name}`];
      if (kept !== undefined) await copyFile(file, path.join(shown, `${kept}.png`));
    }
    await writeFile(path.join(baselines, `${scene}.png`), thumbnails(pictures));
  }
} finally {
  await browser.close();
  await gallery.close();
}
