// The language of what the desktop app shows outside its page: the one in the settings, followed when it changes there.

import { app } from 'electron/main';
import type { Settings } from '../shared/ipc/settings.ts';
import { pickLanguage } from '../shared/model/language.ts';
import { setMenu } from './menu.ts';
import { type DesktopStrings, desktopStrings } from './strings.ts';

export interface DesktopLanguage {
  /** Sets the menu as well. */
  set(language: Settings['language']): void;
  strings(): DesktopStrings;
}

/** Before the settings are known: as the system is set. */
export function systemStrings(): DesktopStrings {
  return desktopStrings(pickLanguage('system', app.getPreferredSystemLanguages()));
}

export function openDesktopLanguage(): DesktopLanguage {
  let strings = systemStrings();
  return {
    set(language) {
      strings = desktopStrings(pickLanguage(language, app.getPreferredSystemLanguages()));
      setMenu({ platform: process.platform, isPackaged: app.isPackaged, strings });
    },
    strings: () => strings,
  };
}
