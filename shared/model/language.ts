// Which of Tincan's languages a person reads: the one they chose, else the first of their system's that Tincan speaks.

/** Each by its own name, in the order of the settings. shared/strings/ has a file for each. */
export const languageNames = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  'pt-BR': 'Português (Brasil)',
  ar: 'العربية',
  ja: '日本語',
  'zh-CN': '简体中文',
} as const;
export type ShownLanguage = keyof typeof languageNames;
export const languages = Object.keys(languageNames) as readonly ShownLanguage[];

export function pickLanguage(wanted: 'system' | ShownLanguage, system: readonly string[]): ShownLanguage {
  if (wanted !== 'system') return wanted;
  for (const tag of system) {
    const [primary] = tag.toLowerCase().split('-');
    const spoken = languages.find((language) => language.toLowerCase().split('-')[0] === primary);
    if (spoken !== undefined) return spoken;
  }
  return 'en';
}

export function directionOf(language: ShownLanguage): 'ltr' | 'rtl' {
  return language === 'ar' ? 'rtl' : 'ltr';
}
