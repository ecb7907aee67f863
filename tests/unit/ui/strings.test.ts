// Words: complete in every language, honest about numbers, and never a raw message.

import { describe, expect, it } from 'vitest';
import { en } from '../../../renderer/ui/strings/en.ts';
import { openStrings, pickLanguage } from '../../../renderer/ui/strings/strings.ts';
import { zhCn } from '../../../renderer/ui/strings/zh-cn.ts';
import { faultCodes } from '../../../shared/model/fault.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

describe('the strings', () => {
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
    expect(openStrings('en').t('say.linked', { name: '{{count}} <b>&lt;' })).toBe('Linked with {{count}} <b>&lt;');
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
