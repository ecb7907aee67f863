// Notes as a person writes, copies and reads them, and the links in them.

import { toFaultView } from '../../shared/model/fault.ts';
import type { StoreAccess } from './app-state.ts';
import type { Ports } from './ports.ts';

export function composerActions(
  { get, set, toast }: StoreAccess,
  { engine, host, window }: Pick<Ports, 'engine' | 'host' | 'window'>,
) {
  return {
    draftText: (draft: string) => set(() => ({ draft })),
    sendText: () => {
      const { draft } = get();
      if (draft.trim() === '') return;
      engine.command({ do: 'send-text', text: draft });
      set(() => ({ draft: '' }));
    },
    /** Of a note that was not sent. What was written since stays. */
    takeBackText: (text: string) => set(({ draft }) => (draft === '' ? { draft: text } : {})),
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
