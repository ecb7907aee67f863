// The bar at the top: the program, short messages, this computer's name, history and settings.

import { History, Settings } from 'lucide-react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Mark } from './cans.tsx';
import { IconButton } from './icon-button.tsx';
import { Name } from './phrase.tsx';
import { ShortToasts } from './toasts.tsx';
import { isUndoneInList, UndoRemoval } from './undo-removal.tsx';

export function Header() {
  const { t } = useStrings();
  const { openPanel } = useActions();
  const deviceName = useApp((state) => state.settings.deviceName);
  const isGuest = useApp((state) => state.facts.shell === 'guest');
  const isUndoHere = useApp((state) => state.panel === 'none' && !isUndoneInList(state));
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
        {isUndoHere && <UndoRemoval />}
        <ShortToasts />
      </div>
      <span className="device muted small" title={t('settings.device')}>
        <Name text={deviceName} max={64} />
      </span>
      {!isGuest && (
        <IconButton
          handle="history"
          label={t('menu.history')}
          icon={<History aria-hidden size={20} />}
          onClick={() => openPanel('history')}
        />
      )}
      <IconButton
        handle="settings"
        label={t('menu.settings')}
        icon={<Settings aria-hidden size={20} />}
        onClick={() => openPanel('settings')}
      />
    </header>
  );
}
