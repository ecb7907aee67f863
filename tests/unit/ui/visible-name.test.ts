// Names from strangers cannot hide, reorder or overflow.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkParts, nameParts, shortText, visibleName, visibleText } from '../../../renderer/ui/visible-name.ts';
import { noteDrawnMaxChars } from '../../../shared/wire/limits.ts';

describe('a visible name', () => {
  it.each([
    ['invoice\u202Egnp.exe', 'invoice⟨202E⟩gnp.exe'],
    ['a\u0000b\nc', 'a⟨0000⟩b⟨000A⟩c'],
    ['zero\u200Bwidth\uFEFF', 'zero⟨200B⟩width⟨FEFF⟩'],
    ['\uD800lone', '⟨D800⟩lone'],
    ['\u{E0041}tag', '⟨E0041⟩tag'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧 family'],
    ['Größe – 文件 – ملف', 'Größe – 文件 – ملف'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('shows %j as %j', (name, shown) => {
    expect(visibleName(name)).toBe(shown);
  });

  it('N32 A15 ends, however long it is or however many marks it carries', () => {
    expect([...visibleName('x'.repeat(1_000_000), 64)]).toHaveLength(65);
    expect(visibleName(`a${'\u0301'.repeat(100_000)}`, 64).length).toBeLessThan(5000);
  });

  it('keeps the lines of a text', () => {
    expect(visibleText('one\n\ttwo\u202E')).toBe('one\n\ttwo⟨202E⟩');
  });
});

it('what is drawn of a note at first takes as long as its beginning, however long it is', () => {
  const notes = Array.from({ length: 30 }, () => '\u202E'.repeat(240_000));
  const began = process.threadCpuUsage();
  const drawn = notes.map((note) => shortText(note).text.length);
  const { user } = process.threadCpuUsage(began);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(noteDrawnMaxChars + 1);
  expect(user / 1000).toBeLessThan(400);
});

describe('links in a note', () => {
  it('are found, without the sentence around them', () => {
    expect(linkParts('See https://example.org/a_(b), or http://x.test. Bye')).toEqual([
      { text: 'See ' },
      { text: 'https://example.org/a_(b', url: 'https://example.org/a_(b' },
      { text: '), or ' },
      { text: 'http://x.test', url: 'http://x.test' },
      { text: '. Bye' },
    ]);
  });

  it('are none where the text hides something, or leads anywhere but to the web', () => {
    for (const text of ['javascript:alert(1)', 'file:///etc', visibleText('https://a\u202Eb.test/'), 'https://']) {
      expect(linkParts(text).filter(({ url }) => url !== undefined)).toEqual([]);
    }
  });

  it('take as long as the note, whatever it is made of', () => {
    const note = `http://${'.'.repeat(64_000)}a`;
    const began = process.threadCpuUsage();
    expect(linkParts(note)).toEqual([{ text: note }]);
    expect(process.threadCpuUsage(began).user / 1000).toBeLessThan(200);
  });
});

describe('a long name in two', () => {
  const arabic = 'قائمة الصور التي التقطناها';

  it.each([
    ['Summer in Lisbon and the sea.mp4', 'ltr', 'Summer in Lisbon and', ' the sea.mp4'],
    [`${arabic} هناك.mp4`, 'rtl', 'قائمة الصور التي التقطن', 'اها هناك.mp4'],
    ['Holiday on the island 2026071.7z', 'ltr', 'Holiday on the islan', 'd 2026071.7z'],
    ['20260712-034567-000123-1234567890123', 'ltr', '20260712-034567-000123-1', '234567890123'],
    ['short.txt', 'ltr', 'short.txt', ''],
  ] as const)('has its end apart: %s', (name, way, start, end) => {
    expect(nameParts(name)).toEqual({ start, end, way });
  });

  it('is not cut within words that read the other way', () => {
    expect(nameParts(`Report ${arabic} 2026.pdf`)).toMatchObject({ start: `Report ${arabic} 2026`, end: '.pdf' });
    expect(nameParts(`${arabic} – made on 2026-11-30.pdf`)).toMatchObject({ end: '' });
    expect(nameParts(`Report ${arabic}`)).toMatchObject({ end: '' });
  });

  it.each([
    ['צילום מסך 2024-05-17 123456.png', ' 123456.png'],
    ['חשבונית מס קבלה מספר 2024011712.pdf', '.pdf'],
    ['تقرير المبيعات السنوي رقم 2024011712.pdf', '.pdf'],
    ['תמונות מהטיול לצפון 2024011712.7z', ''],
  ])('is not cut within a number, which reads the other way too: %s', (name, end) => {
    expect(nameParts(name)).toEqual({ start: name.slice(0, name.length - end.length), end, way: 'rtl' });
  });

  it('is read the way that its parts are laid out, whatever sign it begins with', () => {
    expect(nameParts('\u05BEholiday-2024.jpgSummer-1.exe')).toMatchObject({ way: 'ltr' });
  });

  it('of whatever signs loses none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
        const { start, end } = nameParts(name);
        expect(start + end).toBe(name);
      }),
    );
  });
});
