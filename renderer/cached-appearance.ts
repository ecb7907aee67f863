// Language and theme, kept in the page for error pages that cannot ask the host. Nothing else of the settings leaves the
// host’s folder.

import { type Settings, settingsSchema } from '../shared/ipc/settings.ts';

export type Looks = Pick<Settings, 'language' | 'theme'>;

const looksSchema = settingsSchema.pick({ language: true, theme: true });
const key = 'tincan.looks';

export function cacheAppearance({ language, theme }: Looks): void {
  localStorage.setItem(key, JSON.stringify({ language, theme }));
}

export function cachedAppearance(): Looks {
  try {
    return looksSchema.parse(JSON.parse(localStorage.getItem(key) ?? ''));
  } catch {
    return { language: 'system', theme: 'system' };
  }
}
