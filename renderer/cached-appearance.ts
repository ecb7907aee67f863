// Language and theme, kept in the page for what comes before the host has answered, and for error pages that cannot ask it.
// Nothing else of the settings leaves the host’s folder.

import type { Settings } from '../shared/ipc/settings.ts';
import { languages } from '../shared/model/language.ts';

export type Looks = Pick<Settings, 'language' | 'theme'>;

const key = 'tincan.looks';

export function cacheAppearance({ language, theme }: Looks): void {
  localStorage.setItem(key, JSON.stringify({ language, theme }));
}

export function cachedAppearance(): Looks {
  const kept = readKept();
  return {
    language: (['system', ...languages] as const).find((each) => each === kept?.language) ?? 'system',
    theme: (['system', 'light', 'dark'] as const).find((each) => each === kept?.theme) ?? 'system',
  };
}

/** Whatever stands there. */
function readKept(): Partial<Record<keyof Looks, unknown>> | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}
