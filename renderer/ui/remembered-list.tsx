// Remembered computers on the first screen: one click instead of two codes.

import { Laptop, Radar } from 'lucide-react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';

export function RememberedList({ ready }: { readonly ready: boolean }) {
  const { t } = useStrings();
  const { callRemembered } = useActions();
  const known = useApp((state) => state.known);
  const calling = useApp((state) => state.calling);
  const open = known.filter(({ blocked }) => !blocked);
  if (open.length === 0) return null;
  const missed = calling.at === 'missed' ? open.find(({ id }) => id === calling.id) : undefined;
  return (
    <section className="card known" aria-labelledby="known-title">
      <h2 id="known-title">{t('known.title')}</h2>
      <ul className="known-row">
        {open.map(({ id, name }) => {
          const isCalling = calling.at === 'calling' && calling.id === id;
          return (
            <li key={id} data-testid="known-peer" data-id={id}>
              <button
                type="button"
                data-testid="known-call"
                disabled={!ready || calling.at === 'calling'}
                aria-busy={isCalling}
                onClick={() => void callRemembered(id)}
              >
                {isCalling ? <Radar aria-hidden size={18} /> : <Laptop aria-hidden size={18} />}
                <Name text={name === '' ? t('linked.unnamed') : name} max={64} />
              </button>
            </li>
          );
        })}
      </ul>
      <p className="muted small" role="status" data-testid="known-status" data-at={calling.at}>
        {missed === undefined ? (
          t(calling.at === 'calling' ? 'known.calling' : 'known.help')
        ) : (
          <Phrase of="known.missed" parts={{ name: <Name text={missed.name} max={64} /> }} />
        )}
      </p>
    </section>
  );
}
