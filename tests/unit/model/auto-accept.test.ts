import { describe, expect, it } from 'vitest';
import { mayAutoAccept } from '../../../shared/model/auto-accept.ts';
import type { TrustView } from '../../../shared/model/link-view.ts';
import { planNames } from '../../../shared/model/wire-path.ts';

type Checked = Extract<TrustView, { at: 'settled' }>['checked'];
const peer = (trust: TrustView, isGuest = false) => ({ trust, isGuest });
const settled = (checked: Checked, isGuest = false) => peer({ at: 'settled', digits: '402917', checked }, isGuest);
const offerOf = (...paths: string[][]) => ({
  fits: true,
  bytes: paths.length,
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

  it('of a guest page: never, whatever was checked and set', () => {
    expect(mayAutoAccept(settled('matched'), on, plain)).toBe(true);
    expect(mayAutoAccept(settled('matched', true), { ...on, rememberedMaxBytes: 1 }, plain)).toBe(false);
  });

  it('N40 needs a settled link, room, and a folder that other accounts cannot change', () => {
    expect(mayAutoAccept(settled('matched'), on, { ...plain, isShared: true })).toBe(false);
    expect(mayAutoAccept(undefined, on, plain)).toBe(false);
    expect(mayAutoAccept(peer({ at: 'asking', digits: '402917' }), on, plain)).toBe(false);
    expect(mayAutoAccept(peer({ at: 'waiting-for-peer', digits: '402917', choice: 'match' }), on, plain)).toBe(false);
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

  describe('from a remembered computer', () => {
    const upTo = (rememberedMaxBytes: number | undefined) => ({ acceptVerified: false, rememberedMaxBytes });

    it.each(['known', 'matched', 'camera'] as const)('is the choice of the person, up to a size (%s)', (checked) => {
      expect(mayAutoAccept(settled(checked), upTo(1), plain)).toBe(true);
      expect(mayAutoAccept(settled(checked), upTo(1), offerOf(['a'], ['b']))).toBe(false);
      expect(mayAutoAccept(settled(checked), upTo(undefined), plain)).toBe(false);
      expect(mayAutoAccept(settled(checked), upTo(1), { ...plain, fits: false })).toBe(false);
      expect(mayAutoAccept(settled(checked), upTo(1), { ...plain, isShared: true })).toBe(false);
    });

    it('never counts on a link that nobody checked', () => {
      expect(mayAutoAccept(settled('unchecked'), upTo(1), plain)).toBe(false);
      expect(mayAutoAccept(peer({ at: 'asking', digits: '1' }), upTo(1), plain)).toBe(false);
    });

    it.each([[['setup.exe']], [['a', '.bashrc']], [['holiday.jpg.scr']], [['Game.app', 'Contents']]])(
      'asks about %s all the same',
      (path) => expect(mayAutoAccept(settled('known'), upTo(100), offerOf(path))).toBe(false),
    );
  });
});
