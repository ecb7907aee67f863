// What a bug report needs to say, to be read before it is copied.

import { useEffect, useState } from 'react';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Facts } from './facts.tsx';
import { NetworkResult } from './network-check.tsx';
import { Panel } from './panel.tsx';

export function DiagnosticsPanel() {
  const { t } = useStrings();
  const { copy, loadDiagnostics } = useActions();
  const rows = useApp((state) => state.diagnostics);
  const [withAddresses, setWithAddresses] = useState(false);
  useEffect(() => void loadDiagnostics(withAddresses), [loadDiagnostics, withAddresses]);
  return (
    <Panel title={t('diagnostics.title')} wide>
      <NetworkResult />
      <p className="muted">{t('diagnostics.help')}</p>
      <Facts
        className="facts-scroll"
        handle="diagnostics"
        facts={rows.map(({ name, value }) => ({ key: `${name} ${value}`, name, value }))}
      />
      <label className="check">
        <input type="checkbox" checked={withAddresses} onChange={(event) => setWithAddresses(event.target.checked)} />
        {t('diagnostics.addresses')}
      </label>
      <div className="row">
        <button
          type="button"
          className="primary"
          data-testid="copy-report"
          disabled={rows.length === 0}
          onClick={() => void copy(rows.map(({ name, value }) => `${name}: ${value}`).join('\n'))}
        >
          {t('diagnostics.copy')}
        </button>
      </div>
    </Panel>
  );
}
