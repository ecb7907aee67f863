// Renders every scene of the gallery in light, dark and narrow windows. All go to tests/.results/screenshots, the few
// that the README shows also to docs/screenshots.

import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { openGallery } from './gallery.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const results = path.join(root, 'tests/.results/screenshots');
const shown = path.join(root, 'docs/screenshots');
const best = new Set(['pairing-staged-light', 'offer-light', 'transfers-dark', 'pairing-narrow']);
const allScenes = [
  'pairing-making',
  'pairing',
  'pairing-staged',
  'pairing-fault',
  'pairing-reply',
  'pairing-ended',
  'pairing-camera',
  'full-code',
  'connecting',
  'connecting-slow',
  'linked-digits',
  'linked',
  'offer',
  'offer-many',
  'transfers',
  'texts',
  'reconnecting',
  'reconnecting-again',
  'settings',
  'history',
  'diagnostics',
  'shortcuts',
  'about',
];
const looks = [
  { name: 'light', theme: 'light', width: 1100, height: 800 },
  { name: 'dark', theme: 'dark', width: 1100, height: 800 },
  { name: 'narrow', theme: 'light', width: 380, height: 740 },
];

const wanted = process.argv.slice(2);
const scenes = wanted.length === 0 ? allScenes : allScenes.filter((scene) => wanted.includes(scene));
await mkdir(results, { recursive: true });
await mkdir(shown, { recursive: true });
const gallery = await openGallery();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});
try {
  for (const { height, name, theme, width } of looks) {
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    for (const scene of scenes) {
      await page.goto(`${gallery.url}?scene=${scene}&theme=${theme}`);
      await page.getByTestId('session').waitFor();
      await page.waitForLoadState('networkidle');
      const file = path.join(results, `${scene}-${name}.png`);
      await page.screenshot({ path: file, fullPage: true });
      if (best.has(`${scene}-${name}`)) await copyFile(file, path.join(shown, `${scene}-${name}.png`));
    }
    await context.close();
  }
} finally {
  await browser.close();
  await gallery.close();
}
