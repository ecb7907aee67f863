// The line at the bottom: notes, files, folders. What waits for the peer stands above it.

import { FolderUp, Paperclip, SendHorizontal } from 'lucide-react';
import { isOpen } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { ConfirmPeer, OutboxChips, PickButtons, Reading } from './drop-zone.tsx';

export function Composer() {
  const { t } = useStrings();
  const { draftText, sendText } = useActions();
  const draft = useApp((state) => state.draft);
  const open = useApp((state) => isOpen(state.session));
  return (
    <section className="composer" aria-label={t('texts.title')}>
      <ConfirmPeer />
      <Reading />
      <OutboxChips />
      <form
        className="compose"
        onSubmit={(event) => {
          event.preventDefault();
          sendText();
        }}
      >
        <PickButtons>
          {(files, folder) => (
            <>
              <button
                type="button"
                className="icon-button"
                data-testid="pick-files"
                aria-label={t('linked.sendFiles')}
                title={t('linked.sendFiles')}
                onClick={files}
              >
                <Paperclip aria-hidden size={20} />
              </button>
              <button
                type="button"
                className="icon-button"
                data-testid="pick-folder"
                aria-label={t('linked.sendFolder')}
                title={t('linked.sendFolder')}
                onClick={folder}
              >
                <FolderUp aria-hidden size={20} />
              </button>
            </>
          )}
        </PickButtons>
        <textarea
          data-testid="text-input"
          aria-label={t('texts.field')}
          placeholder={t('texts.field')}
          rows={1}
          value={draft}
          onChange={(event) => draftText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            if (open) sendText();
          }}
        />
        <button
          type="submit"
          className="icon-button"
          data-testid="send-text"
          aria-label={t('texts.send')}
          title={t('texts.send')}
          disabled={!open || draft.trim() === ''}
        >
          <SendHorizontal aria-hidden size={20} />
        </button>
      </form>
    </section>
  );
}
