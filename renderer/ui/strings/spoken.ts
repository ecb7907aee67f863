// The strings of the language that is set. Promises: a language that was just chosen is shown once its words are there, and the one
// before stays where they cannot be had.

import { createStore, type StoreApi } from 'zustand/vanilla';
import { pickLanguage, type ShownLanguage } from '../../../shared/model/language.ts';
import type { Words } from '../../../shared/strings/languages.ts';
import { openStrings, type Strings } from './strings.ts';

export type LoadWords = (language: ShownLanguage) => Promise<Words>;

/** The part of the app's store that this needs. */
type Chosen = {
  getState(): { readonly settings: { readonly language: 'system' | ShownLanguage } };
  subscribe(listener: () => void): () => void;
};

export async function openSpoken(app: Chosen, load: LoadWords): Promise<StoreApi<Strings>> {
  const chosen = () => pickLanguage(app.getState().settings.language, navigator.languages);
  const open = async (language: ShownLanguage) => openStrings(language, await load(language));
  let asked = chosen();
  const first = await open(asked);
  const spoken = createStore<Strings>(() => first);
  app.subscribe(() => {
    const language = chosen();
    if (language === asked) return;
    asked = language;
    void open(language).then(
      (strings) => {
        if (asked === language) spoken.setState(strings, true);
      },
      // The host that has the words is gone; another choice is tried again.
      () => undefined,
    );
  });
  return spoken;
}
