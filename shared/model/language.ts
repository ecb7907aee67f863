// Which of Tincan's languages a person reads: the one they chose, else the first of their system's.

export type ShownLanguage = 'en' | 'zh-CN';

export function pickLanguage(wanted: 'system' | ShownLanguage, system: readonly string[]): ShownLanguage {
  if (wanted !== 'system') return wanted;
  return system[0]?.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
