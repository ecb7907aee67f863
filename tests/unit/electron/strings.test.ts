// What the desktop app says outside its page: in both languages, everything, and in the one that the person reads.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { setMenu } from '../../../electron/menu.ts';
import { desktopStrings } from '../../../electron/strings.ts';
import * as fake from './electron-fake.ts';
import { type FakeShell, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

type Item = { readonly label?: string; readonly role?: string; readonly type?: string; readonly submenu?: Item[] };

const en = desktopStrings('en');
const zh = desktopStrings('zh-CN');
const room = fileURLToPath(new URL('../../../electron/', import.meta.url));
const labelsOf = (items: readonly Item[]): string[] =>
  items.flatMap(({ label, submenu }) => [...(label === undefined ? [] : [label]), ...labelsOf(submenu ?? [])]);
const menuOf = (platform: string, isPackaged = true, strings = en): Item[] => {
  setMenu({ platform, isPackaged, strings });
  return fake.menus.at(-1) as Item[];
};

describe('the strings', () => {
  it('are all there in Chinese, and none is left in English', () => {
    expect(Object.entries(zh).filter(([, word]) => !/\p{Script=Han}/u.test(word))).toEqual([]);
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it('are the only ones: no other file of the shell speaks to people', () => {
    const speaking = readdirSync(room)
      .filter((name) => name.endsWith('.ts') && name !== 'strings.ts')
      .filter((name) =>
        /(?:label|message|detail|setToolTip\(|title): ?'(?!Tincan')/.test(readFileSync(path.join(room, name), 'utf8')),
      );
    expect(speaking).toEqual([]);
  });
});

describe('the menu', () => {
  it.each(['darwin', 'win32', 'linux'])('says every word in the language it was given, on %s', (platform) => {
    const labels = labelsOf(menuOf(platform, true, zh));
    expect(labels.length).toBeGreaterThan(12);
    expect(labels.filter((label) => label !== 'Tincan' && !Object.values(zh).includes(label))).toEqual([]);
    const roles = (items: readonly Item[]): Item[] =>
      items.flatMap((item) => [...(item.role === undefined ? [] : [item]), ...roles(item.submenu ?? [])]);
    // A role without a label would speak Electron's English.
    expect(roles(menuOf(platform, true, zh)).filter(({ label }) => label === undefined)).toEqual([]);
  });

  it('has the app menu on macOS alone, and quits from where the system has it', () => {
    expect(menuOf('darwin').map(({ label }) => label)).toEqual(['Tincan', en.file, en.edit, en.view, en.window]);
    expect(menuOf('linux').map(({ label }) => label)).toEqual([en.file, en.edit, en.view, en.window]);
    expect(menuOf('darwin')[1]?.submenu?.map(({ role }) => role)).toEqual(['close']);
    expect(menuOf('win32')[0]?.submenu?.map(({ role }) => role)).toEqual(['quit']);
  });

  it('has reload and DevTools only while developing', () => {
    expect(JSON.stringify(menuOf('linux', true))).not.toMatch(/reload|toggleDevTools/);
    expect(JSON.stringify(menuOf('linux', false))).toMatch(/reload.*toggleDevTools/);
  });
});

describe('the running shell', () => {
  let shell: FakeShell;
  beforeAll(async () => {
    shell = await startFakeShell();
  });
  afterAll(() => shell.remove());

  const shown = () => labelsOf(fake.menus.at(-1) as Item[]);

  it('speaks the language of the system until another is chosen, and follows the choice at once', async () => {
    expect(shown()).toContain(en.edit);
    shell.host.tell.emit('language', { language: 'zh-CN' });
    await vi.waitFor(() => expect(shown()).toContain(zh.edit));
    fake.app.languages = ['zh-Hant-TW', 'en'];
    const before = fake.menus.length;
    shell.host.tell.emit('language', { language: 'system' });
    await vi.waitFor(() => expect(fake.menus.length).toBe(before + 1));
    expect(shown()).toContain(zh.edit);
  });

  it('asks, and sits in the tray, in that language', async () => {
    await shell.setBusy(true);
    fake.app.emit('before-quit', { preventDefault: () => undefined });
    expect(fake.dialog.showMessageBoxSync.mock.lastCall).toEqual([
      expect.objectContaining({
        message: zh.stillMoving,
        detail: zh.whatIsKept,
        buttons: [zh.keepGoing, zh.quitAnyway],
      }),
    ]);
    shell.window().emit('close', { preventDefault: () => undefined });
    const [tray] = fake.trays;
    expect([tray?.tip, ...labelsOf(tray?.menu ?? [])]).toEqual([
      zh.trayTip,
      zh.show,
      zh.sendFiles,
      zh.sendFolder,
      zh.quit,
    ]);
  });
});
