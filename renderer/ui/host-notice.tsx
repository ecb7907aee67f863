// When this page cannot work: opened elsewhere, the host has ended.

import { RefreshCw } from 'lucide-react';
import type { AppState } from '../state/app-state.ts';
import { useApp, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';

export function HostNotice({ host }: { readonly host: Exclude<AppState['host'], 'here'> }) {
  const { t } = useStrings();
  const isGuest = useApp((state) => state.facts.shell === 'guest');
  const action = host === 'replaced' ? t('host.here') : host === 'gone' ? t('host.reload') : undefined;
  return (
    <section
      className="card full-notice"
      data-testid={host === 'replaced' ? 'host-replaced' : 'host-gone'}
      data-host={host}
      role="alert"
    >
      <Cans shape="quiet" />
      <h1>{t(`host.${host}`)}</h1>
      <p className="muted">{isGuest ? t('guest.goneHelp') : t(`host.${host}Help`)}</p>
      {action !== undefined && (
        <button type="button" className="primary" data-testid="use-here" onClick={() => location.reload()}>
          <RefreshCw aria-hidden size={18} /> {action}
        </button>
      )}
    </section>
  );
}
