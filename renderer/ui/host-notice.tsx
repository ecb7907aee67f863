// When this page cannot work: opened elsewhere, the host has ended.

import { RefreshCw } from 'lucide-react';
import { useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';

export function HostNotice({ host }: { readonly host: 'replaced' | 'gone' }) {
  const { t } = useStrings();
  return (
    <section className="card full-notice" data-testid={`host-${host}`} role="alert">
      <Cans shape="quiet" />
      <h1>{t(`host.${host}`)}</h1>
      <p className="muted">{t(host === 'gone' ? 'host.goneHelp' : 'host.replacedHelp')}</p>
      <button type="button" className="primary" data-testid="use-here" onClick={() => location.reload()}>
        <RefreshCw aria-hidden size={18} /> {t(host === 'gone' ? 'host.reload' : 'host.here')}
      </button>
    </section>
  );
}
