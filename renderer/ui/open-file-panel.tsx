// The question before something is opened that can run programs.

import { useActions, useApp, useStrings } from './app-context.tsx';
import { Panel } from './panel.tsx';
import { Name, Phrase } from './phrase.tsx';

export function OpenFilePanel() {
  const { t } = useStrings();
  const { openPanel, openReceived } = useActions();
  const view = useApp(({ opening, transfers }) => (opening === undefined ? undefined : transfers.get(opening)));
  if (view === undefined) return null;
  return (
    <Panel title={t('open.title')}>
      <p data-testid="open-warning">
        <Phrase of="open.warning" parts={{ name: <Name text={view.title} max={120} className="strong" /> }} />
      </p>
      <div className="row">
        <button
          type="button"
          className="primary panel-answer"
          data-testid="open-cancel"
          onClick={() => openPanel('none')}
        >
          {t('common.cancel')}
        </button>
        <button type="button" data-testid="open-anyway" onClick={() => void openReceived(view.id, true)}>
          {t('open.anyway')}
        </button>
      </div>
    </Panel>
  );
}
