import { describe, expect, it } from 'vitest';
import { mayAutoAccept } from '../../../shared/model/auto-accept.ts';
import type { TrustView } from '../../../shared/model/link-view.ts';
import { planNames } from '../../../shared/model/wire-path.ts';

type Checked = Extract<TrustView, { at: 'settled' }>['checked'];
const settled = (checked: Checked): TrustView => ({ at: 'settled', digits: '402917', checked });
const offerOf = (...paths: string[][]) => ({
  fits: true,
  isShared: false,
  rows: Array.from(
    planNames(
      paths.map((path) => ({ kind: 'file', path, size: 1, mtimeMs: 0, executable: false })),
      'posix',
    ),
  ),
});
const on = { acceptVerified: true };
const plain = offerOf(['photos', 'sea.jpg']);

describe('accepting without asking', () => {
  it.each([
    ['matched', true],
    ['camera', true],
    ['known', false],
    ['unchecked', false],
  ] as const)('on a link that is %s: %s', (checked, may) => {
    expect(mayAutoAccept(settled(checked), on, plain)).toBe(may);
    expect(mayAutoAccept(settled(checked), { acceptVerified: false }, plain)).toBe(false);
  });

  it('N40 needs a settled link, room, and a folder that other accounts cannot change', () => {
    expect(mayAutoAccept(settled('matched'), on, { ...plain, isShared: true })).toBe(false);
    expect(mayAutoAccept(undefined, on, plain)).toBe(false);
    expect(mayAutoAccept({ at: 'asking', digits: '402917' }, on, plain)).toBe(false);
    expect(mayAutoAccept({ at: 'waiting-for-peer', digits: '402917', choice: 'match' }, on, plain)).toBe(false);
    expect(mayAutoAccept(settled('matched'), on, { ...plain, fits: false })).toBe(false);
  });

  it.each([
    ['a program', ['setup.exe']],
    ['two endings', ['holiday.jpg.scr']],
    ['a name with a direction mark', ['invoice\u202Egpj.exe']],
    ['a direction mark before a harmless ending', ['invoice\u202Exe.jpg']],
    ['a bundle, which runs as a folder', ['Game.app', 'Contents', 'MacOS', 'game']],
  ])('asks about %s, however many plain files come with it', (_what, path) => {
    expect(mayAutoAccept(settled('matched'), on, offerOf(['a.jpg'], path, ['b.jpg']))).toBe(false);
  });
});
