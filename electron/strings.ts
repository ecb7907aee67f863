// Every text that the desktop app shows outside its page, in the language that the person reads: menus, the tray, questions.
// Electron's own labels for roles are English everywhere, so they are here too.

import type { ShownLanguage } from '../shared/model/language.ts';
import { type DesktopStrings, words } from '../shared/strings/languages.ts';

export type { DesktopStrings };

export const desktopStrings = (language: ShownLanguage): DesktopStrings => words[language].desktop;
