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
    /**
     * Of a note that was not sent. What was written since stays in the field, and so the note in the list. So does one that has a name: it may
     * have come, and what is written in the field is another note.
     */
    takeBackText: (text: string, note?: string) =>
      set(({ draft, texts }) => {
        if (draft === '' && note === undefined) return { draft: text };
        const named = note === undefined ? {} : { note };
        const unsent = { text, fromPeer: false, ...named, atMs: clock.wallClockMs(), isUnsent: true } as const;
        return { texts: withNotes(texts, [unsent]) };
      }),
    /** It was in the list already. */
    textUnsent: (note: string) => set(({ texts }) => ({ texts: withUnsent(texts, note) })),
    sendTextAgain({ key, text, note }: TextNote): void {
      set(({ texts }) => ({ texts: texts.filter((each) => each.key !== key) }));
      engine.command({ do: 'send-text', text, ...(note === undefined ? {} : { note }) });
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
