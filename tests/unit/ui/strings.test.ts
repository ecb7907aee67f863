// Words: complete in every language, honest about numbers, and never a raw message.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { en } from '../../../renderer/ui/strings/en.ts';
import { openStrings } from '../../../renderer/ui/strings/strings.ts';
import { zhCn } from '../../../renderer/ui/strings/zh-cn.ts';
import { faultCodes } from '../../../shared/model/fault.ts';
import { pickLanguage } from '../../../shared/model/language.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

/** Whatever the screens ask for: whole keys, and keys put together from a beginning and what is true then. */
function askedFor(): (key: string) => boolean {
  const rooms = ['ui', 'state', '.'].map((room) => new URL(`../../../renderer/${room}/`, import.meta.url));
  const source = rooms
    .flatMap((room) =>
      readdirSync(room)
        .filter((name) => /\.tsx?$/.test(name))
        .map((name) => readFileSync(new URL(name, room), 'utf8')),
    )
    .join('\n');
  const whole = new Set([...source.matchAll(/['"]([a-zA-Z]+\.[\w.-]+)['"]/g)].map(([, key]) => key));
  const assembled = [...source.matchAll(/`([a-zA-Z]+\.[^`\s]*\$\{[^`\s]*)`/g)].map(
    ([, key]) => new RegExp(`^${key!.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+')}$`),
  );
  return (key) => whole.has(key) || assembled.some((pattern) => pattern.test(key));
}

describe('the strings', () => {
  it('are all used', () => {
    const isUsed = askedFor();
    const keys = Object.keys(en).map((key) => key.replace(/_(one|other)$/, ''));
    expect(isUsed('settings.title')).toBe(true);
    expect(isUsed('no.such')).toBe(false);
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it('are other words in Chinese, but for names', () => {
    const same = Object.entries(zhCn).filter(([key, text]) => text === en[key as keyof typeof en]);
    expect(same.map(([key]) => key)).toEqual([]);
  });

  it.each(Object.entries(zhCn))('keeps the placeholders of %s in Chinese', (key, text) => {
    expect(placeholders(text)).toEqual(placeholders(en[key as keyof typeof en]));
  });

  it('tells plurals apart', () => {
    const { t } = openStrings('en');
    expect(t('offer.files', { count: 1 })).toBe('1 file');
    expect(t('offer.files', { count: 2 })).toBe('2 files');
    expect(openStrings('zh-CN').t('offer.files', { count: 1 })).toBe('1 个文件');
  });

  it('puts strangers’ words in as they are', () => {
    expect(openStrings('en').t('say.linked', { name: '{{count}} <b>&lt;' })).toBe('Connected to {{count}} <b>&lt;');
  });

  it.each(['en', 'zh-CN'] as const)('has a sentence for every fault in %s', (language) => {
    const { fault } = openStrings(language);
    for (const code of faultCodes) {
      const { happened, todo } = fault(code);
      expect(happened.length, code).toBeGreaterThan(4);
      expect(todo.length, code).toBeGreaterThan(3);
      expect(`${happened} ${todo}`).not.toMatch(/E[A-Z]{4,}|unknown error|undefined|\bSDP\b|\bICE\b/);
    }
  });

  it.each(['en', 'zh-CN'] as const)('says that a refused name takes the whole offer with it, in %s', (language) => {
    const { fault } = openStrings(language);
    expect(fault('name-refused').kept).toBe(fault('manifest-invalid').kept);
    expect(fault('name-refused').happened).toMatch(/whole offer|整个请求/);
  });

  it.each(['en', 'zh-CN'] as const)('tells a malformed code from one that cannot be reached, in %s', (language) => {
    const { fault } = openStrings(language);
    expect(fault('code-malformed').happened).not.toMatch(/reach|address|地址/);
  });

  it('formats sizes in three digits', () => {
    const { bytes } = openStrings('en');
    expect([0, 999, 1000, 12_345, 999_500_000, 1_000_000_000].map(bytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.00 kB',
      '12.3 kB',
      '1,000 MB',
      '1.00 GB',
    ]);
  });

  it('never says 100 % too early', () => {
    expect(openStrings('en').percent(0.9999)).toBe('99%');
  });

  it('follows the system unless told otherwise', () => {
    expect(pickLanguage('system', ['zh-Hans-CN', 'en'])).toBe('zh-CN');
    expect(pickLanguage('system', ['fr'])).toBe('en');
    expect(pickLanguage('en', ['zh-CN'])).toBe('en');
  });
});
