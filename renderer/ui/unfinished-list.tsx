// Transfers of earlier links that can still go on.

import { ArrowDownLeft, ArrowUpRight } from 'lucide-react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';

export function UnfinishedList() {
  const { bytes, t } = useStrings();
  const { discardUnfinished, publishUnfinished } = useActions();
  const unfinished = useApp((state) => state.unfinished);
  if (unfinished.length === 0) return null;
  return (
    <section className="card" aria-labelledby="unfinished-title">
      <h2 id="unfinished-title">{t('unfinished.title')}</h2>
      <p className="muted small">{t('unfinished.help')}</p>
      <ul className="plain-list">
        {unfinished.map((item) => (
          <li key={item.id} className="line" data-testid="unfinished" data-id={item.id}>
            {item.direction === 'send' ? (
              <ArrowUpRight aria-hidden size={18} />
            ) : (
              <ArrowDownLeft aria-hidden size={18} />
            )}
            <span className="grow">
              <Name text={item.title} className="strong" />{' '}
              <span className="muted small">
                <Phrase of={`unfinished.${item.direction}`} parts={{ name: <Name text={item.peerName} max={64} /> }} />{' '}
                · {t('transfer.bytes', { done: bytes(item.bytesDone), total: bytes(item.bytesTotal) })}
              </span>
              <progress
                value={item.bytesDone}
                max={Math.max(1, item.bytesTotal)}
                aria-label={t('transfer.progress', { name: item.title })}
              />
            </span>
            {item.isReady && (
              <button type="button" data-testid="publish" onClick={() => void publishUnfinished(item.id)}>
                {t('unfinished.publish')}
              </button>
            )}
            <button type="button" data-testid="discard" onClick={() => void discardUnfinished(item.id)}>
              {t('unfinished.discard')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
