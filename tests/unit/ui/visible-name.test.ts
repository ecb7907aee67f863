// Names from strangers cannot hide, reorder or overflow.

import { describe, expect, it } from 'vitest';
import { visibleName, visibleText } from '../../../renderer/ui/visible-name.ts';

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
