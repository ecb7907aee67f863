// Opens the words of one language: typed keys, plural forms, numbers, sizes, times. One place for every Intl call.

import type { FaultCode } from '../../../shared/model/fault.ts';
import type { ShownLanguage } from '../../../shared/model/language.ts';
import { onFirstUse } from '../../../shared/model/on-first-use.ts';
import type { Direction } from '../../../shared/model/transfer.ts';
import type { FaultSentence, StringKey, Words } from '../../../shared/strings/languages.ts';
import { pseudo } from './pseudo.ts';

export type { StringKey };
export type Language = ShownLanguage | 'pseudo';
export type Values = Readonly<Record<string, string | number>>;

export type Strings = {
  readonly language: Language;
  /** Between two sentences. */
  readonly gap: string;
  readonly t: (key: StringKey, values?: Values) => string;
  /** `seenFrom`: of a transfer in that direction, whose disk and whose files are told apart. */
  readonly fault: (code: FaultCode, seenFrom?: Direction) => FaultSentence;
  readonly bytes: (count: number) => string;
  readonly percent: (fraction: number) => string;
  readonly number: (value: number) => string;
  readonly duration: (ms: number) => string;
  readonly milliseconds: (ms: number) => string;
  readonly ago: (thenMs: number, nowMs: number) => string;
  readonly date: (ms: number) => string;
  readonly time: (ms: number) => string;
};

/** The pseudo-locale is made of the English words. */
export function openStrings(language: Language, { texts: plain, faults, faultsOfPeer }: Words): Strings {
  const locale = language === 'pseudo' ? 'en' : language;
  const texts: Texts = language === 'pseudo' ? pseudo(plain) : plain;
  // The first screen needs none of them, and waits for nobody who makes one.
  const plural = onFirstUse(() => new Intl.PluralRules(locale));
  const number = onFirstUse(() => new Intl.NumberFormat(locale));
  const percent = onFirstUse(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }));
  const relative = onFirstUse(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
  const date = onFirstUse(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }));
  const time = onFirstUse(() => new Intl.DateTimeFormat(locale, { timeStyle: 'short' }));
  return {
    language,
    // The full stop has its room in itself there.
    gap: language === 'zh-CN' || language === 'ja' ? '' : ' ',
    t: (key, values = noValues) => fill(textOf(texts, plural, key, values.count), values, number),
    fault: (code, seenFrom) => (seenFrom === undefined ? undefined : faultsOfPeer[seenFrom][code]) ?? faults[code],
    bytes: (count) => bytesIn(locale, count),
    // Rounded down: "100 %" is said only when it is true.
    percent: (fraction) => percent().format(Math.floor(fraction * 100) / 100),
    number: (value) => number().format(value),
    duration: (ms) => durationIn(locale, ms),
    milliseconds: (ms) => formatOf(locale, { unit: 'millisecond', maximumFractionDigits: 0 }).format(ms),
    ago: (thenMs, nowMs) => agoIn(relative(), thenMs - nowMs),
    date: (ms) => date().format(ms),
    time: (ms) => time().format(ms),
  };
}

const noValues: Values = {};

type Texts = Readonly<Record<string, string>>;

/** A text with plural forms has one key for each, and "other" for what has none of its own. */
function textOf(texts: Texts, plural: () => Intl.PluralRules, key: string, count: string | number | undefined): string {
  const form = typeof count === 'number' ? texts[`${key}_${plural().select(count)}`] : undefined;
  return form ?? texts[key] ?? texts[`${key}_other`] ?? key;
}

/** What is put in is never read again for placeholders: it may be a stranger's. Numbers get their separators. */
function fill(text: string, values: Values, number: () => Intl.NumberFormat): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? number().format(value) : (value ?? '');
  });
}

const sizes = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
/** Making a format costs a hundred times what using it does. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${options.unit} ${options.maximumFractionDigits}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, { style: 'unit', unitDisplay: 'short', ...options });
  formats.set(key, format);
  return format;
}

function bytesIn(locale: string, count: number): string {
  const step = Math.min(sizes.length - 1, count < 1000 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  const digits = step === 0 ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0;
  const format = formatOf(locale, {
    unit: sizes[step]!,
    unitDisplay: step === 0 ? 'long' : 'short',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(value);
}

/** Coarser the longer it is: nobody needs seconds of an hour. */
function durationIn(locale: string, ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const parts: [number, 'second' | 'minute' | 'hour'][] =
    seconds < 60
      ? [[seconds < 10 ? seconds : Math.round(seconds / 5) * 5, 'second']]
      : seconds < 3600
        ? [[Math.round(seconds / 60), 'minute']]
        : [
            [Math.floor(seconds / 3600), 'hour'],
            [Math.floor((seconds % 3600) / 60), 'minute'],
          ];
  return parts
    .filter(([value], at) => at === 0 || value > 0)
    .map(([value, unit]) => formatOf(locale, { unit }).format(value))
    .join(' ');
}

function agoIn(format: Intl.RelativeTimeFormat, ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (Math.abs(seconds) < 60) return format.format(seconds, 'second');
  if (Math.abs(seconds) < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}
