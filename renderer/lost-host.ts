// Stands in the page itself and runs before everything else (build/lost-host.ts): where the first file of the app cannot be had, the host
// that served the page has ended since, and there is nobody else who could say so.

import { drawErrorPage } from './error-page.ts';
import { errorWords } from './error-words.ts';

addEventListener(
  'error',
  ({ target }) => {
    if (target instanceof HTMLScriptElement) drawErrorPage(document.getElementById('root')!, 'gone', errorWords);
  },
  // Of what fails to load, events do not rise.
  { capture: true },
);
