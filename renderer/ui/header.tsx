// The bar at the top: who we are, and the way to everything that is not the main thing.

import { Ellipsis, History, Settings } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Mark } from './cans.tsx';
import { Name } from './phrase.tsx';

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
      <span className="device muted small">
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
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className="icon-button"
          data-testid="more"
          aria-label={t('menu.more')}
          title={t('menu.more')}
        >
          <Ellipsis aria-hidden size={20} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
            {(['shortcuts', 'diagnostics', 'about'] as const).map((panel) => (
              <DropdownMenu.Item
                key={panel}
                className="menu-item"
                data-testid={panel}
                onSelect={() => openPanel(panel)}
              >
                {t(`menu.${panel}`)}
              </DropdownMenu.Item>
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </header>
  );
}
