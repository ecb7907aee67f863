// The words of the page's error screen, in every language, inside the page itself: when that is shown there may be nobody any more who
// serves a file of words.

import type { Plugin } from 'vite';
import { words } from '../shared/strings/languages.ts';

const errorWordsId = 'error-words';

export function errorWords(): Plugin {
  return {
    name: 'error-words',
    transformIndexHtml: () => [
      {
        tag: 'script',
        attrs: { type: 'application/json', id: errorWordsId },
        children: JSON.stringify(errorTexts()).replaceAll('<', '\\u003c'),
        injectTo: 'body',
      },
    ],
  };
}

function errorTexts(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    Object.entries(words).map(([language, { texts }]) => [
      language,
      Object.fromEntries(Object.entries(texts).filter(([key]) => key.startsWith('host.'))),
    ]),
  );
}
