// The words of one language, from its own file: a page needs no other.

import type { ShownLanguage } from '../../../shared/model/language.ts';
import type { Words } from '../../../shared/strings/languages.ts';

const files: Readonly<Record<ShownLanguage, () => Promise<{ readonly default: Words }>>> = {
  ar: () => import('../../../shared/strings/ar.json'),
  de: () => import('../../../shared/strings/de.json'),
  en: () => import('../../../shared/strings/en.json'),
  es: () => import('../../../shared/strings/es.json'),
  fr: () => import('../../../shared/strings/fr.json'),
  ja: () => import('../../../shared/strings/ja.json'),
  'pt-BR': () => import('../../../shared/strings/pt-BR.json'),
  'zh-CN': () => import('../../../shared/strings/zh-CN.json'),
};

export async function loadWords(language: ShownLanguage): Promise<Words> {
  return (await files[language]()).default;
}
