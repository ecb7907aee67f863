// One note. What a stranger wrote is drawn as text and nothing else, and only its beginning until somebody wants all.

import { Copy, RotateCcw } from 'lucide-react';
import { memo, useMemo, useState } from 'react';
import { isOpen, type TextNote } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { IconButton } from './icon-button.tsx';
import { linkParts, shortText, visibleText } from './visible-name.ts';

export const NoteRow = memo(({ note }: { readonly note: TextNote }) => {
  const { t } = useStrings();
  const { copy, sendTextAgain } = useActions();
  const isLinked = useApp(({ session }) => isOpen(session));
  const [isWhole, setWhole] = useState(false);
  const short = useMemo(() => shortText(note.text), [note.text]);
  return (
    <div className={note.fromPeer ? 'note theirs' : 'note ours'}>
      <div className="note-text" data-testid={handleOf(note)}>
        <bdi>
          <Linked text={isWhole ? visibleText(note.text) : short.text} />
        </bdi>
        {short.isCut && !isWhole && (
          <button type="button" className="small-button" data-testid="show-all" onClick={() => setWhole(true)}>
            {t('texts.showAll')}
          </button>
        )}
        {note.isUnsent && <strong>{t('texts.unsent')}</strong>}
      </div>
      {note.isUnsent && (
        <IconButton
          handle="send-text-again"
          label={t('transfer.retry')}
          icon={<RotateCcw aria-hidden size={16} />}
          waits={!isLinked}
          onClick={() => sendTextAgain(note)}
        />
      )}
      <IconButton
        handle="copy-text"
        label={t('common.copy')}
        icon={<Copy aria-hidden size={16} />}
        onClick={() => void copy(note.text)}
      />
    </div>
  );
});

function handleOf({ fromPeer, isUnsent }: TextNote): string {
  if (fromPeer) return 'text-received';
  return isUnsent === true ? 'text-unsent' : 'text-sent';
}

/** A link says where it leads: its text is its address. The person's own browser opens it. */
function Linked({ text }: { readonly text: string }) {
  const { openLink } = useActions();
  const parts = useMemo(() => linkParts(text), [text]);
  return parts.map(({ text, url }, at) =>
    url === undefined ? (
      text
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
        key={at}
        href={url}
        rel="noreferrer"
        data-testid="note-link"
        onClick={(event) => {
          event.preventDefault();
          openLink(url);
        }}
      >
        {text}
      </a>
    ),
  );
}
