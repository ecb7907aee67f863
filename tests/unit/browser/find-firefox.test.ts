// Which Firefox is opened: one that can run Tincan, or none, with the reason.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findFirefox } from '../../../browser/find-firefox.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-firefox-'));
afterAll(() => rmSync(folder, { recursive: true }));

function program(place: string, says: string): string {
  const file = path.join(folder, place);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(file, 0o755);
  return file;
}

describe.skipIf(process.platform === 'win32')('Firefox', () => {
  const old = program('old/firefox', 'Mozilla Firefox 140.3.0esr');
  const good = program('good/firefox-esr', 'Mozilla Firefox 153.8.0esr');
  const PATH = [path.dirname(old), path.dirname(good)].join(path.delimiter);

  it('is the first on PATH that is new enough', () => {
    expect(findFirefox({ PATH }, 'linux')).toEqual({ path: good });
  });

  it('is the one that was named, or none', () => {
    expect(findFirefox({ PATH, FIREFOX: old }, 'linux')).toEqual({ missing: `${old} is version 140` });
    expect(findFirefox({ PATH, FIREFOX: path.join(folder, 'nothing') }, 'linux')).toHaveProperty('missing');
  });

  it('is none where there is none, and where nothing tells its version', () => {
    expect(findFirefox({ PATH: folder }, 'linux')).toEqual({ missing: 'no Firefox is installed' });
    expect(findFirefox({ FIREFOX: program('odd/firefox', 'hello') }, 'linux')).toHaveProperty('missing');
  });
});

it('tells its version on Windows by the file beside it', () => {
  const place = path.join(folder, 'Program Files', 'Mozilla Firefox');
  const file = path.join(place, 'firefox.exe');
  mkdirSync(place, { recursive: true });
  writeFileSync(file, '');
  expect(findFirefox({ FIREFOX: file }, 'win32')).toHaveProperty('missing');
  writeFileSync(path.join(place, 'application.ini'), '[App]\r\nName=Firefox\r\nVersion=153.0.1\r\n');
  expect(findFirefox({ FIREFOX: file }, 'win32')).toEqual({ path: file });
});
