// What went to whom and came from whom, and how it ended.

import { Check } from 'lucide-react';
import { useEffect } from 'react';
import { type HistoryItem, isOpen } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Panel } from './panel.tsx';
import { Name, Phrase } from './phrase.tsx';

export function HistoryPanel() {
  const { t } = useStrings();
  const { clearHistory, loadHistory } = useActions();
  const history = useApp((state) => state.history);
  useEffect(() => void loadHistory(), [loadHistory]);
  return (
    <Panel title={t('history.title')} wide>
      {history.length === 0 ? (
        <p className="muted">{t('history.empty')}</p>
      ) : (
        <ul className="plain-list scroll">
          {history.map((item) => (
            <HistoryLine key={`${item.id}-${item.endedAtMs}`} item={item} />
          ))}
        </ul>
      )}
      <div className="row">
        <button
          type="button"
          data-testid="history-clear"
          disabled={history.length === 0}
          onClick={() => void clearHistory()}
        >
          {t('history.clear')}
        </button>
      </div>
    </Panel>
  );
}

function HistoryLine({ item }: { readonly item: HistoryItem }) {
  const { bytes, date, t } = useStrings();
  const { openPanel, reveal, sendAgain } = useActions();
  const canSendAgain = useApp(({ sent, session }) => isOpen(session) && sent.has(item.id));
  return (
    <li className="line" data-testid="history-item" data-state={item.state}>
      <span className="grow">
        <Name text={item.title} className="strong" />
        <br />
        <span className="muted small">
          <Phrase
            of={item.direction === 'send' ? 'history.to' : 'history.from'}
            parts={{ name: <Name text={item.peerName} max={64} /> }}
          />{' '}
          · {bytes(item.bytes)} · {date(item.endedAtMs)}
        </span>
      </span>
      {item.state === 'done' ? (
        <span
          className="verified"
          title={item.rootHash === undefined ? undefined : t('transfer.hash', { hash: item.rootHash })}
        >
          <Check aria-hidden size={16} /> {t(`state.done.${item.direction}`)}
        </span>
      ) : (
        <span className="muted small">
          {item.state === 'declined'
            ? t(`state.declined.${item.direction}`)
            : t(item.state === 'failed' ? 'state.failed' : 'state.cancelled')}
        </span>
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
