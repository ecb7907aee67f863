// The page that leads the browser to Tincan: private, never written through what lies there, and removed without a fault.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startPageIn } from '../../../browser/start-page.ts';

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tincan-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('is readable by this account only, and gone once it was used', async () => {
  const folder = makeFolder();
  const file = path.join(folder, 'start.html');
  const page = startPageIn(folder);
  await page.write('http://127.0.0.1:1/#s.ab');
  expect(readFileSync(file, 'utf8')).toContain('url=http://127.0.0.1:1/#s.ab');
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  page.remove();
  expect(existsSync(file)).toBe(false);
  page.remove();
});

it('that cannot be removed stays, and nobody fails over it', () => {
  const folder = makeFolder();
  mkdirSync(path.join(folder, 'start.html'));
  startPageIn(folder).remove();
  expect(existsSync(path.join(folder, 'start.html'))).toBe(true);
});
