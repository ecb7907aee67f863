// Shown instead of the app: this browser cannot run it, the host cannot be reached, or it does not know this address. Drawn with what the
// page has when its first script runs: there may be nobody any more who would serve another file.

import { directionOf, pickLanguage, type ShownLanguage } from '../shared/model/language.ts';
import type { StringKey, Words } from '../shared/strings/languages.ts';
import { cachedAppearance } from './cached-appearance.ts';

export type ErrorPage = 'unsupported' | 'gone' | 'restarting' | 'given-up' | 'replaced' | 'address';
export type ErrorWords = Readonly<Record<Extract<StringKey, `host.${string}`>, string>>;

export function drawErrorPage(
  root: HTMLElement,
  why: ErrorPage,
  wordsOf: (language: ShownLanguage) => ErrorWords | Words['texts'],
): void {
  const { language, theme } = cachedAppearance();
  const shown = pickLanguage(language, navigator.languages);
  const words = wordsOf(shown);
  const page = document.documentElement;
  page.lang = shown;
  page.dir = directionOf(shown);
  page.dataset.theme = theme;
  const notice = element('section', 'card full-notice');
  notice.dataset.testid = why === 'restarting' || why === 'given-up' ? 'host-gone' : `host-${why}`;
  notice.role = 'alert';
  notice.append(element('h1', '', words[`host.${why}`]), element('p', 'muted', words[`host.${why}Help`]));
  if (why === 'gone' || why === 'replaced') {
    const button = element('button', 'primary', words[why === 'gone' ? 'host.reload' : 'host.here']);
    button.dataset.testid = 'use-here';
    button.addEventListener('click', () => location.reload());
    notice.append(button);
  }
  const main = element('main', 'app');
  main.append(notice);
  root.replaceChildren(main);
}

function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.textContent = text;
  return made;
}
