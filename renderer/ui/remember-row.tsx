// Whether the two computers shall find each other without codes next time: asked of both people, kept by neither alone.

import { BookmarkCheck, BookmarkPlus } from 'lucide-react';
import type { RememberView } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';

export function RememberRow({ remember }: { readonly remember: RememberView }) {
  const { t } = useStrings();
  const actions = useActions();
  if (remember === 'agreed') {
    return (
      <p className="muted small remember" role="status" data-testid="remember" data-at={remember}>
        <BookmarkCheck aria-hidden size={16} /> {t('remembered.agreed')}
      </p>
    );
  }
  const isAsked = remember === 'asked';
  return (
    <div className={isAsked ? 'ask' : 'remember'} data-testid="remember" data-at={remember}>
      {remember !== 'open' && (
        <p className={isAsked ? 'grow small' : 'muted small'} role="status">
          {t(`remembered.${remember}`)}
        </p>
      )}
      {remember !== 'waiting' && (
        <button
          type="button"
          className={isAsked ? 'small-button' : 'quiet'}
          data-testid="remember-yes"
          title={t('remembered.rememberHelp')}
          onClick={() => actions.remember('yes')}
        >
          <BookmarkPlus aria-hidden size={18} />{' '}
          <span className={isAsked ? '' : 'label-wide'}>{t('remembered.remember')}</span>
        </button>
      )}
      {isAsked && (
        <button
          type="button"
          className="quiet small-button"
          data-testid="remember-no"
          onClick={() => actions.remember('no')}
        >
          {t('remembered.notNow')}
        </button>
      )}
    </div>
  );
}
