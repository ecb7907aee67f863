// The six digits, once: nothing moves before somebody has answered.

import { Check } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { PeerView, TrustView } from '../../shared/model/link-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';

type Open = Exclude<TrustView, { at: 'settled' }>;

export function DigitsSheet({ peer, trust }: { readonly peer: PeerView; readonly trust: Open }) {
  const { t } = useStrings();
  const { settleDigits } = useActions();
  const isReadable = useApp((state) => state.digitsReadable);
  const waiting = useApp((state) => state.staged.length);
  const name = peer.name === '' ? t('linked.unnamed') : peer.name;
  return (
    <section className="card digits-sheet" aria-labelledby="digits-title">
      <h2 id="digits-title">
        <Phrase of="linked.digitsTitle" parts={{ name: <Name text={name} max={64} /> }} />
      </h2>
      <Digits digits={trust.digits} />
      <p className="muted">{t('linked.digitsHelp')}</p>
      {trust.at === 'asking' ? (
        <div className="row">
          <button
            type="button"
            className="primary"
            data-testid="verify-match"
            disabled={!isReadable}
            onKeyDown={ignoreEnter}
            onClick={() => settleDigits('match')}
          >
            <Check aria-hidden size={18} /> {t('linked.match')}
          </button>
          <button
            type="button"
            data-testid="verify-skip"
            disabled={!isReadable}
            onKeyDown={ignoreEnter}
            onClick={() => settleDigits('skip')}
          >
            {t('linked.skip')}
          </button>
        </div>
      ) : (
        <p className="muted" role="status">
          {t('linked.waiting')}
        </p>
      )}
      {trust.at === 'asking' && trust.peerOk === true && (
        <p className="muted small" role="status">
          <Phrase of="linked.theyWait" parts={{ name: <Name text={name} max={64} /> }} />
        </p>
      )}
      {waiting > 0 && <p className="muted small">{t('outbox.then', { count: waiting })}</p>}
    </section>
  );
}

/** Enter may be meant for something else; a click or Space is not. */
function ignoreEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter') event.preventDefault();
}

export function Digits({ digits }: { readonly digits: string }) {
  const { t } = useStrings();
  return (
    <span
      className="digits"
      // Read aloud and compared: the same order in every language.
      dir="ltr"
      data-testid="verify-digits"
      role="img"
      aria-label={`${t('linked.digits')}: ${[...digits].join(' ')}`}
      translate="no"
    >
      {digits.slice(0, 3)} {digits.slice(3)}
    </span>
  );
}
