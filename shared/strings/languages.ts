// The words of every language, from one plain JSON file each. A sentence that is missing does not compile; plural forms, and
// whatever is there too much, are checked by tests/unit/ui/strings.test.ts.

import type { FaultCode } from '../model/fault.ts';
import type { ShownLanguage } from '../model/language.ts';
import type { Direction } from '../model/transfer.ts';
import ar from './ar.json' with { type: 'json' };
import de from './de.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import ptBr from './pt-BR.json' with { type: 'json' };
import zhCn from './zh-CN.json' with { type: 'json' };

/** One sentence each: what happened, what was kept, what to do. */
export type FaultSentence = { readonly happened: string; readonly kept?: string; readonly todo: string };

/** Keys with _one are needed only where a language tells one from more. */
type NeededKey = Exclude<keyof typeof en.texts, `${string}_one`>;
type Stem<K> = K extends `${infer S}_one` | `${infer S}_other` ? S : K;
export type StringKey = Stem<keyof typeof en.texts>;
export type DesktopStrings = Readonly<Record<keyof typeof en.desktop, string>>;

export type Words = {
  readonly texts: Readonly<Record<NeededKey, string>>;
  readonly faults: Readonly<Record<FaultCode, FaultSentence>>;
  /** Of a transfer, whose disk and whose files are the other side's. All other faults read the same on both sides. */
  readonly faultsOfPeer: Readonly<Record<Direction, Partial<Record<FaultCode, FaultSentence>>>>;
  /** What the desktop app says outside its page. */
  readonly desktop: DesktopStrings;
};

export const words: Readonly<Record<ShownLanguage, Words>> = {
  ar,
  de,
  en,
  es,
  fr,
  ja,
  'pt-BR': ptBr,
  'zh-CN': zhCn,
};
