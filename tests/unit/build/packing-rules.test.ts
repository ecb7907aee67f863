// Rules of packing that hold on every system: where updates come from, and which copies of Electron are changed.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, describe, expect, it } from 'vitest';
import { flipFuses } from '../../../build/after-pack.ts';
import config from '../../../build/electron-builder.config.ts';
import { makeFakeElectronDist } from '../../../build/fake-electron-dist.ts';
import { feedOf } from '../../../build/feed.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tincan-packing-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an update feed', () => {
  const feed = 'https://updates.example.org/';

  it('is none unless it is named', () => {
    expect(feedOf({}, 'win32')).toBeUndefined();
    expect(feedOf({ TINCAN_FEED: '' }, 'win32')).toBeUndefined();
  });

  it('ends the build where the package is not signed', () => {
    expect(() => feedOf({ TINCAN_FEED: feed }, 'win32')).toThrow('no certificate');
    expect(() => feedOf({ TINCAN_FEED: feed, CSC_LINK: '' }, 'darwin')).toThrow('no certificate');
    expect(() => feedOf({ TINCAN_FEED: feed, CSC_LINK: 'x' }, 'linux')).toThrow('no certificate');
    expect(feedOf({ TINCAN_FEED: feed, WIN_CSC_LINK: 'x' }, 'win32')).toBe(feed);
    expect(feedOf({ TINCAN_FEED: feed, CSC_LINK: 'x' }, 'darwin')).toBe(feed);
  });

  it('is an https address', () => {
    expect(() => feedOf({ TINCAN_FEED: 'http://example.org', CSC_LINK: 'x' }, 'darwin')).toThrow('https');
  });
});

describe('a Linux package', () => {
  it('is no AppImage, whose launcher turns the sandbox off where a system forbids it', () => {
    expect(config.linux?.target).toEqual(['deb', 'rpm', 'tar.gz']);
  });
});

describe('the fuses of a universal macOS app', () => {
  it('are set on the merged app and not on the two that it is merged from', async () => {
    const dist = path.join(folder, 'dist');
    mkdirSync(dist);
    makeFakeElectronDist(dist);
    const runAsNode = async (name: string): Promise<number | undefined> => {
      const contents = path.join(folder, name, 'Tincan.app/Contents');
      // The wire stands in the framework; the program beside it only loads that.
      const framework = path.join(contents, 'Frameworks/Electron Framework.framework/Electron Framework');
      const program = path.join(contents, 'MacOS/Tincan');
      for (const file of [framework, program]) {
        mkdirSync(path.dirname(file), { recursive: true });
        copyFileSync(path.join(dist, 'electron'), file);
      }
      const before = readFileSync(framework);
      await flipFuses({
        appOutDir: path.join(folder, name),
        electronPlatformName: 'darwin',
        packager: { appInfo: { productFilename: 'Tincan' } },
      }).catch((error: unknown) => {
        // The ad-hoc signature is renewed by macOS's own codesign, after the wire is written.
        if (process.platform === 'darwin' || !existsSync(framework)) throw error;
      });
      if (readFileSync(framework).equals(before)) return undefined;
      return (await getCurrentFuseWire(path.join(folder, name, 'Tincan.app')))[FuseV1Options.RunAsNode];
    };
    expect(await runAsNode('mac-universal-x64-temp')).toBeUndefined();
    expect(await runAsNode('mac-universal-arm64-temp')).toBeUndefined();
    expect(await runAsNode('mac-universal')).toBe(48);
  });
});
