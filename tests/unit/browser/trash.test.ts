// A file that is replaced goes to the trash of the person's own desktop, whatever it is called and whatever the desktop left out.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { moveToTrash } from '../../../browser/trash.ts';
import { defaultDataDir } from '../../../host/data-folder.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'tincan-trash-'));
  vi.stubEnv('HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

describe.skipIf(process.platform !== 'linux')('on Linux', () => {
  it.each(['report.pdf', `${'報告書'.repeat(27)}.pdf`])('%s is in the trash, and can be put back', async (name) => {
    vi.stubEnv('XDG_DATA_HOME', path.join(home, 'share'));
    const file = path.join(home, name);
    writeFileSync(file, 'old');
    await moveToTrash(file);
    expect(existsSync(file)).toBe(false);
    const trash = path.join(home, 'share', 'Trash');
    const [kept] = readdirSync(path.join(trash, 'files'));
    expect(readFileSync(path.join(trash, 'files', kept!), 'utf8')).toBe('old');
    const info = readFileSync(path.join(trash, 'info', `${kept}.trashinfo`), 'utf8');
    expect(decodeURIComponent(/^Path=(.*)$/m.exec(info)![1]!)).toBe(file);
  });

  it('says when that was as the clock on the wall has it', async () => {
    vi.stubEnv('XDG_DATA_HOME', path.join(home, 'share'));
    vi.stubEnv('TZ', 'Asia/Kolkata');
    const file = path.join(home, 'a.txt');
    writeFileSync(file, 'old');
    const beforeMs = Date.now();
    await moveToTrash(file);
    const folder = path.join(home, 'share', 'Trash', 'info');
    const info = readFileSync(path.join(folder, readdirSync(folder)[0]!), 'utf8');
    const deletedMs = Date.parse(`${/^DeletionDate=(.*)$/m.exec(info)![1]!}+05:30`);
    expect(deletedMs).toBeGreaterThan(beforeMs - 1_000);
    expect(deletedMs).toBeLessThanOrEqual(Date.now());
  });

  it.each(['', 'somewhere'])(
    'a folder that is named %j counts as none: nothing lands where Tincan was started',
    async (named) => {
      vi.stubEnv('XDG_DATA_HOME', named);
      vi.stubEnv('XDG_CONFIG_HOME', named);
      const file = path.join(home, 'a.txt');
      writeFileSync(file, 'old');
      await moveToTrash(file);
      expect(readdirSync(path.join(home, '.local', 'share', 'Trash', 'files'))).toHaveLength(1);
      expect(defaultDataDir('Tincan')).toBe(path.join(home, '.config', 'Tincan'));
    },
  );
});
