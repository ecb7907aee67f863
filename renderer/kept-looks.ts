// Language and theme as they were chosen, kept for pages of this address that may not ask the host: a second tab, or one
// whose host has ended. Nothing else of the settings leaves the host's folder.

import { type Settings, settingsSchema } from '../shared/ipc/settings.ts';

export type Looks = Pick<Settings, 'language' | 'theme'>;

const looksSchema = settingsSchema.pick({ language: true, theme: true });
const key = 'tincan.looks';

export function keepLooks({ language, theme }: Looks): void {
  localStorage.setItem(key, JSON.stringify({ language, theme }));
}

export function keptLooks(): Looks {
  try {
    return looksSchema.parse(JSON.parse(localStorage.getItem(key) ?? ''));
  } catch {
    return { language: 'system', theme: 'system' };
  }
}
