// The language of what the desktop app says outside its page: the one in the settings, followed when it changes there.

import { app } from 'electron';
import type { Host } from '../host/host.ts';
import { pickLanguage } from '../shared/model/language.ts';
import { setMenu } from './menu.ts';
import { type DesktopWords, desktopWords } from './words.ts';

/** Sets the menu, now and with every change. Answers the words of the moment. */
export async function followLanguage(host: Host): Promise<() => DesktopWords> {
  let words = desktopWords('en');
  const look = async (): Promise<void> => {
    const { settings } = await host.ui['app.facts']({});
    words = desktopWords(pickLanguage(settings.language, app.getPreferredSystemLanguages()));
    setMenu({ platform: process.platform, isPackaged: app.isPackaged, words });
  };
  await look();
  host.onUiEvent((name) => {
    // A menu in the language of before is no reason to fail.
    if (name === 'settings-changed') void look().catch(() => undefined);
  });
  return () => words;
}
