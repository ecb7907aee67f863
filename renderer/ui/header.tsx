// The bar at the top: the program, short messages, this computer's name, history and settings.

import { History, Settings } from 'lucide-react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Mark } from './cans.tsx';
import { Name } from './phrase.tsx';
import { ShortToasts } from './toasts.tsx';

export function Header() {
  const { t } = useStrings();
  const { openPanel } = useActions();
  const deviceName = useApp((state) => state.settings.deviceName);
  return (
    <header className="top">
      <a className="skip" href="#main">
        {t('app.skip')}
      </a>
      <div className="brand">
        <Mark />
        <span className="wordmark">Tincan</span>
      </div>
      <div className="grow">
        <ShortToasts />
      </div>
      <span className="device muted small" title={t('settings.device')}>
        <Name text={deviceName} max={64} />
      </span>
      <button
        type="button"
        className="icon-button"
        data-testid="history"
        aria-label={t('menu.history')}
        title={t('menu.history')}
        onClick={() => openPanel('history')}
      >
        <History aria-hidden size={20} />
      </button>
      <button
        type="button"
        className="icon-button"
        data-testid="settings"
        aria-label={t('menu.settings')}
        title={t('menu.settings')}
        onClick={() => openPanel('settings')}
      >
        <Settings aria-hidden size={20} />
      </button>
    </header>
  );
}
