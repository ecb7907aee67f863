// The line at the bottom: notes, files, folders. What waits for the peer stands above it.

import { ClipboardPaste, FolderUp, Paperclip, SendHorizontal } from 'lucide-react';
import { useRef } from 'react';
import { isOpen, peerOf } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { ConfirmPeer, OutboxChips, PickButtons, Reading } from './drop-zone.tsx';
import { IconButton } from './icon-button.tsx';
import { useFocusIfLost } from './use-focus.ts';

export function Composer() {
  const { t } = useStrings();
  const field = useRef<HTMLTextAreaElement>(null);
  const { draftText, sendClipboard, sendText } = useActions();
  const draft = useApp((state) => state.draft);
  const open = useApp((state) => isOpen(state.session));
  // Where one goes on once the digits are confirmed, and not whenever the connection is back: then everybody stays where they were.
  // A field would open a phone's keyboard, and keep an offer from having the focus.
  const isSettled = useApp((state) => peerOf(state.session)?.trust.at === 'settled');
  const pick = useFocusIfLost<HTMLButtonElement>(isSettled, isSettled);
  // The desktop app's page may not read the clipboard; there the keys that paste do the same.
  const readsClipboard = useApp((state) => state.facts.shell === 'browser');
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
          // The button is off until there is something to send again.
          field.current?.focus();
        }}
      >
        <PickButtons>
          {(files, folder) => (
            <>
              <IconButton
                ref={pick}
                handle="pick-files"
                label={t('linked.sendFiles')}
                icon={<Paperclip aria-hidden size={20} />}
                onClick={files}
              />
              <IconButton
                handle="pick-folder"
                label={t('linked.sendFolder')}
                icon={<FolderUp aria-hidden size={20} />}
                onClick={folder}
              />
            </>
          )}
        </PickButtons>
        {readsClipboard && (
          <IconButton
            handle="send-clipboard"
            label={t('texts.sendClipboard')}
            icon={<ClipboardPaste aria-hidden size={20} />}
            waits={!open}
            onClick={() => void sendClipboard()}
          />
        )}
        <textarea
          ref={field}
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
        <IconButton
          handle="send-text"
          label={t('texts.send')}
          icon={<SendHorizontal aria-hidden size={20} />}
          type="submit"
          disabled={draft.trim() === ''}
          waits={!open}
        />
      </form>
    </section>
  );
}
