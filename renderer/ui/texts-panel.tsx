// Short texts both ways. What they wrote is drawn as text and nothing else.

import { Copy, SendHorizontal } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import { isOpen, type TextNote } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { shortText, visibleText } from './visible-name.ts';

export function TextsPanel({ compose }: { readonly compose: boolean }) {
  const { t } = useStrings();
  const { draftText, sendText } = useActions();
  const texts = useApp((state) => state.texts);
  const draft = useApp((state) => state.draft);
  const open = useApp((state) => isOpen(state.session));
  if (!compose && texts.length === 0) return null;
  return (
    <section className="card texts" aria-labelledby="texts-title">
      <h2 id="texts-title">{t('texts.title')}</h2>
      {texts.length === 0 && <p className="muted small">{t('texts.empty')}</p>}
      <ol className="notes" aria-live="polite">
        {texts.map((note) => (
          <Note key={note.key} note={note} />
        ))}
      </ol>
      {compose && (
        <form
          className="compose"
          onSubmit={(event) => {
            event.preventDefault();
            sendText();
          }}
        >
          <textarea
            data-testid="text-input"
            aria-label={t('texts.field')}
            placeholder={t('texts.field')}
            rows={2}
            value={draft}
            onChange={(event) => draftText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              if (open) sendText();
            }}
          />
          <button type="submit" data-testid="send-text" disabled={!open || draft.trim() === ''}>
            <SendHorizontal aria-hidden size={18} /> {t('texts.send')}
          </button>
        </form>
      )}
    </section>
  );
}

const Note = memo(({ note }: { readonly note: TextNote }) => {
  const { t } = useStrings();
  const { copy } = useActions();
  const [isWhole, setWhole] = useState(false);
  const short = useMemo(() => shortText(note.text), [note.text]);
  return (
    <li className={note.fromPeer ? 'note theirs' : 'note ours'}>
      <div className="note-text" data-testid={note.fromPeer ? 'text-received' : 'text-sent'}>
        <bdi>{isWhole ? visibleText(note.text) : short.text}</bdi>
        {short.isCut && !isWhole && (
          <button type="button" className="small-button" data-testid="show-all" onClick={() => setWhole(true)}>
            {t('texts.showAll')}
          </button>
        )}
      </div>
      <button
        type="button"
        className="icon-button"
        data-testid="copy-text"
        aria-label={t('common.copy')}
        onClick={() => void copy(note.text)}
      >
        <Copy aria-hidden size={16} />
      </button>
    </li>
  );
});
