// Words: complete in every language, honest about numbers, and never a raw message.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openStrings, type StringKey } from '../../../renderer/ui/strings/strings.ts';
import { faultCodes } from '../../../shared/model/fault.ts';
import { languages, pickLanguage } from '../../../shared/model/language.ts';
import { words } from '../../../shared/strings/languages.ts';

const en: Readonly<Record<string, string>> = words.en.texts;
const translated = languages.filter((language) => language !== 'en');
const textsOf = (language: (typeof languages)[number]): Readonly<Record<string, string>> => words[language].texts;
const stemOf = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const stems = new Set(Object.keys(en).map(stemOf));
const plurals = new Set(
  Object.keys(en)
    .filter((key) => key.endsWith('_other'))
    .map(stemOf),
);

/** The forms that a language has for counts that people meet. */
function formsOf(language: string): readonly string[] {
  const rules = new Intl.PluralRules(language);
  return [...new Set(Array.from({ length: 200 }, (_, at) => rules.select(at + 1)))].sort();
}

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
    const keys = [...stems];
    expect(isUsed('settings.title')).toBe(true);
    expect(isUsed('no.such')).toBe(false);
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it.each(languages)('have in %s every key and none too much, with the plural forms of the language', (language) => {
    const texts = textsOf(language);
    const wanted = [...stems].flatMap((stem) =>
      plurals.has(stem) ? formsOf(language).map((form) => `${stem}_${form}`) : [stem],
    );
    // A form that a language has none of is harmless only where it stands for all.
    const spare = Object.keys(texts).filter((key) => plurals.has(stemOf(key)) && key.endsWith('_other'));
    expect(wanted.filter((key) => !(key in texts))).toEqual([]);
    expect(Object.keys(texts).filter((key) => !wanted.includes(key) && !spare.includes(key))).toEqual([]);
  });

  it.each(translated)('keep their placeholders in %s', (language) => {
    for (const [key, text] of Object.entries(textsOf(language))) {
      const own = placeholders(text);
      const theirs = placeholders(en[key] ?? en[`${stemOf(key)}_other`]!);
      // "One file", "two files": a form that stands for one number may leave the number out.
      const isOneNumber = /_(one|two)$/.test(key);
      expect(isOneNumber ? theirs.filter((name) => name !== 'count' || own.includes(name)) : theirs, key).toEqual(
        key.startsWith('reach.anywhereHelp_') && isOneNumber ? own.concat().sort() : own,
      );
    }
  });

  it.each(translated)('are other words in %s, but for names and what is the same word', (language) => {
    const same = Object.entries(textsOf(language)).filter(([key, text]) => text === en[key] && /[a-z]{4}/.test(text));
    expect(same.length / stems.size, same.map(([key]) => key).join(' ')).toBeLessThan(0.03);
    const { desktop, faults } = words[language];
    expect(faultCodes.filter((code) => faults[code].todo === words.en.faults[code].todo)).toEqual([]);
    expect(Object.keys(desktop)).toEqual(Object.keys(words.en.desktop));
  });

  it.each(translated)('have in %s a fault sentence of each kind that English has, and no others', (language) => {
    const shape = (sentences: object) =>
      Object.entries(sentences).map(([code, sentence]) => [code, Object.keys(sentence as object).sort()]);
    const own = words[language];
    expect(shape(own.faults)).toEqual(shape(words.en.faults));
    expect(shape(own.faultsOfPeer.send)).toEqual(shape(words.en.faultsOfPeer.send));
    expect(shape(own.faultsOfPeer.receive)).toEqual(shape(words.en.faultsOfPeer.receive));
  });

  it('tells plurals apart', () => {
    const { t } = openStrings('en', words.en);
    expect(t('offer.files', { count: 1 })).toBe('1 file');
    expect(t('offer.files', { count: 2 })).toBe('2 files');
    expect(openStrings('zh-CN', words['zh-CN']).t('offer.files', { count: 1 })).toBe('1 个文件');
    const arabic = openStrings('ar', words.ar);
    expect([1, 2, 3, 11, 100].map((count) => arabic.t('offer.files', { count }))).toEqual([
      'ملف واحد',
      'ملفان',
      `${arabic.number(3)} ملفات`,
      `${arabic.number(11)} ملفًا`,
      `${arabic.number(100)} ملف`,
    ]);
  });

  it('puts strangers’ words in as they are', () => {
    expect(openStrings('en', words.en).t('say.linked', { name: '{{count}} <b>&lt;' })).toBe(
      'Connected to {{count}} <b>&lt;',
    );
  });

  it.each(languages)('has a sentence for every fault in %s', (language) => {
    const { fault } = openStrings(language, words[language]);
    for (const code of faultCodes) {
      const { happened, todo } = fault(code);
      expect(happened.length, code).toBeGreaterThan(4);
      expect(todo.length, code).toBeGreaterThan(3);
      expect(`${happened} ${todo}`).not.toMatch(/E[A-Z]{4,}|unknown error|undefined|\bSDP\b|\bICE\b/);
    }
  });

  it.each(['en', 'zh-CN'] as const)('says that a refused name takes the whole offer with it, in %s', (language) => {
    const { fault } = openStrings(language, words[language]);
    expect(fault('name-refused').kept).toBe(fault('manifest-invalid').kept);
    expect(fault('name-refused').happened).toMatch(/whole offer|整个请求/);
  });

  it.each(['en', 'zh-CN'] as const)('tells a malformed code from one that cannot be reached, in %s', (language) => {
    const { fault } = openStrings(language, words[language]);
    expect(fault('code-malformed').happened).not.toMatch(/reach|address|地址/);
  });

  it('formats sizes in three digits', () => {
    const { bytes } = openStrings('en', words.en);
    expect([0, 999, 1000, 12_345, 999_500_000, 1_000_000_000].map(bytes)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.00 kB',
      '12.3 kB',
      '1,000 MB',
      '1.00 GB',
    ]);
  });

  it.each(languages)('puts separators into every count, in %s', (language) => {
    const { number, t } = openStrings(language, words[language]);
    const many = number(20_000);
    expect(many).not.toMatch(/\p{Nd}{4}/u);
    const counted = [...plurals].filter((stem) => en[`${stem}_other`]!.includes('{{count}}'));
    expect(counted.length).toBeGreaterThan(15);
    for (const stem of counted) expect(t(stem as StringKey, { count: 20_000 }), stem).toContain(many);
  });

  it.each([
    ['en', '3 ms'],
    ['ar', '3 ملي ث'],
    ['zh-CN', '3毫秒'],
  ] as const)('says milliseconds in the language, in %s', (language, said) => {
    expect(openStrings(language, words[language]).milliseconds(3.4)).toBe(said);
  });

  it('has one word for a connection: nobody has to learn what a link is', () => {
    const { desktop, faults, faultsOfPeer, texts } = words.en;
    const sentences: string[] = [];
    JSON.stringify([desktop, faults, faultsOfPeer, texts], (_, value) => {
      if (typeof value === 'string') sentences.push(value);
      return value;
    });
    expect(sentences.length).toBeGreaterThan(stems.size);
    const speaking = sentences.filter((sentence) => /\blink(s|ed|ing)?\b/i.test(sentence));
    // What the file system calls so.
    expect(speaking).toEqual([expect.stringContaining('symbolic link')]);
  });

  it('never says 100 % too early', () => {
    expect(openStrings('en', words.en).percent(0.9999)).toBe('99%');
  });

  it('follows the system unless told otherwise', () => {
    expect(pickLanguage('system', ['zh-Hans-CN', 'en'])).toBe('zh-CN');
    expect(pickLanguage('system', ['fr-CA'])).toBe('fr');
    expect(pickLanguage('system', ['pt-PT'])).toBe('pt-BR');
    expect(pickLanguage('system', ['tlh', 'ja-JP'])).toBe('ja');
    expect(pickLanguage('system', ['tlh'])).toBe('en');
    expect(pickLanguage('en', ['zh-CN'])).toBe('en');
  });
});
