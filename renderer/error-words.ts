// The words of the error page, which stand in the page itself (build/error-words.ts).

import type { ShownLanguage } from '../shared/model/language.ts';
import type { ErrorWords } from './error-page.ts';

export function errorWords(language: ShownLanguage): ErrorWords {
  const all: Readonly<Record<ShownLanguage, ErrorWords>> = JSON.parse(
    document.getElementById('error-words')!.textContent,
  );
  return all[language];
}
