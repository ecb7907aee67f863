// What went to whom and came from whom, and how it ended.

import { Check, Copy } from 'lucide-react';
import { Fragment, useEffect } from 'react';
import type { Direction } from '../../shared/model/transfer.ts';
import { type HistoryItem, isOpen } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { IconButton } from './icon-button.tsx';
import { Panel } from './panel.tsx';
import { FileName, Name, Phrase } from './phrase.tsx';
import { statusText } from './transfer-status-text.ts';
import { shortText, visibleName } from './visible-name.ts';

export function HistoryPanel() {
  const { t } = useStrings();
  const { loadHistory, remove } = useActions();
  const kept = useApp((state) => state.history);
  const isCleared = useApp((state) => state.removal?.is === 'history');
  const history = isCleared ? [] : kept;
  useEffect(() => void loadHistory(), [loadHistory]);
  return (
    <Panel title={t('history.title')} wide>
      {history.length === 0 ? (
        <p className="muted">{t('history.empty')}</p>
      ) : (
        <ul className="plain-list scroll">
          {history.map((item) =>
            item.note === undefined ? (
              <HistoryLine key={`${item.id}-${item.endedAtMs}`} item={item} />
            ) : (
              <NoteLine key={item.id} item={item} note={item.note} />
            ),
          )}
        </ul>
      )}
      <div className="row">
        <button
          type="button"
          data-testid="history-clear"
          disabled={history.length === 0}
          onClick={() => remove({ is: 'history' })}
        >
          {t('history.clear')}
        </button>
      </div>
    </Panel>
  );
}

function NoteLine({
  item: { direction, endedAtMs, peerName },
  note,
}: {
  readonly item: HistoryItem;
  readonly note: string;
}) {
  const { date, t } = useStrings();
  const { copy } = useActions();
  return (
    <li className="line" data-testid="history-note">
      <span className="grow">
        <bdi className="history-note">{shortText(note).text}</bdi>
        <span className="muted small">
          <FactsLine
            facts={[
              <Fragment key="peer">
                {t('history.note')} <Peer direction={direction} name={peerName} />
              </Fragment>,
              date(endedAtMs),
            ]}
          />
        </span>
      </span>
      <IconButton
        handle="copy-text"
        label={t('common.copy')}
        icon={<Copy aria-hidden size={16} />}
        onClick={() => void copy(note)}
      />
    </li>
  );
}

function Peer({ direction, name }: { readonly direction: Direction; readonly name: string }) {
  return (
    <Phrase of={direction === 'send' ? 'history.to' : 'history.from'} parts={{ name: <Name text={name} max={64} /> }} />
  );
}

function HistoryLine({ item }: { readonly item: HistoryItem }) {
  const strings = useStrings();
  const { bytes, date, t } = strings;
  const { openPanel, reveal, sendAgain } = useActions();
  const canSendAgain = useApp(({ sent, session }) => isOpen(session) && sent.has(item.id));
  const { direction, files, missing = 0, missingFolders = 0, state } = item;
  const isNeedless = state === 'done' && files === 0 && item.bytes === 0;
  // Written down of one that was cancelled only where some files are in place all the same.
  const inPlace = state === 'cancelled' && item.missing !== undefined ? files - missing : undefined;
  const arrived = Math.max(0, files - missing);
  const amount = missing === 0 ? bytes(item.bytes) : t('transfer.arrived', { arrived, total: files });
  const words = statusText({ direction, files, missing, missingFolders, state, isNeedless, inPlace }, strings);
  return (
    <li className="line" data-testid="history-item" data-state={item.state}>
      <span className="grow">
        <span className="history-title" title={visibleName(item.title)}>
          <FileName text={item.title} className="strong" />
        </span>
        <span className="muted small">
          <FactsLine
            facts={[
              <Peer key="peer" direction={direction} name={item.peerName} />,
              ...(isNeedless ? [] : [amount]),
              date(item.endedAtMs),
            ]}
          />
        </span>
      </span>
      {item.state === 'done' && missing + missingFolders === 0 ? (
        <span
          className="verified"
          title={item.rootHash === undefined ? undefined : t('transfer.hash', { hash: item.rootHash })}
        >
          <Check aria-hidden size={16} /> {words}
        </span>
      ) : (
        <span className="muted small">{words}</span>
      )}
      {canSendAgain && (
        <button
          type="button"
          className="small-button"
          data-testid="send-again"
          onClick={() => {
            openPanel('none');
            void sendAgain(item.id);
          }}
        >
          {t('transfer.again')}
        </button>
      )}
      {item.canReveal && (
        <button type="button" className="small-button" onClick={() => void reveal(item.id)}>
          {t('transfer.reveal')}
        </button>
      )}
    </li>
  );
}
