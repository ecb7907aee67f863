// Notes as a person writes, copies and reads them, and the links in them.

import { toFaultView } from '../../shared/model/fault.ts';
import type { StoreAccess, TextNote } from './app-state.ts';
import { withNotes, withUnsent } from './notes.ts';
import type { Ports } from './ports.ts';

export function composerActions(
  { get, set, toast }: StoreAccess,
  { clock, engine, host, window }: Pick<Ports, 'clock' | 'engine' | 'host' | 'window'>,
) {
  return {
    draftText: (draft: string) => set(() => ({ draft })),
    sendText: () => {
      const { draft } = get();
      if (draft.trim() === '') return;
      engine.command({ do: 'send-text', text: draft });
      set(() => ({ draft: '' }));
    },
    /** Of a note that was not sent. What was written since stays in the field, and so the note in the list. */
    takeBackText: (text: string) =>
      set(({ draft, texts }) => {
        if (draft === '') return { draft: text };
        return { texts: withNotes(texts, [{ text, fromPeer: false, atMs: clock.wallClockMs(), isUnsent: true }]) };
      }),
    /** It was in the list already. */
    textUnsent: (text: string) => set(({ texts }) => ({ texts: withUnsent(texts, text) })),
    sendTextAgain({ key, text }: TextNote): void {
      set(({ texts }) => ({ texts: texts.filter((note) => note.key !== key) }));
      engine.command({ do: 'send-text', text });
    },
    async copy(text: string): Promise<void> {
      const copied = await window.copy(text).then(
        () => true,
        () =>
          host.call('shell.copy', { text }).then(
            () => true,
            () => false,
          ),
      );
      toast(copied ? { is: 'copied' } : { is: 'fault', fault: { code: 'internal', message: 'the clipboard refused' } });
    },
    openLink(url: string): void {
      if (get().facts.shell === 'guest') {
        window.openLink(url);
        return;
      }
      host.call('shell.openLink', { url }).catch((error: unknown) => toast({ is: 'fault', fault: toFaultView(error) }));
    },
  };
}
