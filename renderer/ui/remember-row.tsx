// Whether the two computers shall find each other without codes next time: asked of both people, kept by neither alone.

import { BookmarkCheck, BookmarkPlus, Hourglass } from 'lucide-react';
import type { RememberView } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';

/** Below the other computer's name, because the other person wants it. */
export function RememberQuestion() {
  const { t } = useStrings();
  const actions = useActions();
  return (
    <div className="ask" data-testid="remember" data-at="asked">
      <p className="grow small" role="status">
        {t('remembered.asked')}
      </p>
      <button
        type="button"
        className="small-button"
        data-testid="remember-yes"
        title={t('remembered.rememberHelp')}
        onClick={() => actions.remember('yes')}
      >
        <BookmarkPlus aria-hidden size={18} /> {t('remembered.remember')}
      </button>
      <button
        type="button"
        className="quiet small-button"
        data-testid="remember-no"
        onClick={() => actions.remember('no')}
      >
        {t('remembered.notNow')}
      </button>
    </div>
  );
}

/** Beside the other computer's name. A refusal is told in the bar: here it would take the room of the name. */
export function RememberButton({ remember }: { readonly remember: Exclude<RememberView, 'asked'> }) {
  const { t } = useStrings();
  const actions = useActions();
  if (remember === 'agreed') {
    return (
      <p
        className="muted small remember"
        role="status"
        data-testid="remember"
        data-at={remember}
        title={t('remembered.agreed')}
      >
        <BookmarkCheck aria-hidden size={18} />
        <span className="label-wide" aria-hidden="true">
          {t('linked.known')}
        </span>
        <span className="unseen">{t('remembered.agreed')}</span>
      </p>
    );
  }
  const isWaiting = remember === 'waiting';
  return (
    <div className="remember" data-testid="remember" data-at={remember}>
      {isWaiting && (
        <p className="unseen" role="status">
          {t('remembered.waiting')}
        </p>
      )}
      <button
        type="button"
        className="quiet"
        data-testid="remember-yes"
        title={t(remember === 'open' ? 'remembered.rememberHelp' : `remembered.${remember}`)}
        // Keeps the focus, and its place, until the other person has answered.
        aria-disabled={isWaiting}
        onClick={() => {
          if (!isWaiting) actions.remember('yes');
        }}
      >
        {isWaiting ? <Hourglass aria-hidden size={18} /> : <BookmarkPlus aria-hidden size={18} />}{' '}
        <span className="label-wide">{t(isWaiting ? 'remembered.asking' : 'remembered.remember')}</span>
      </button>
    </div>
  );
}
