// The panel that is open, if any.

import { Check } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isOpen } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { NetworkResult } from './network-check.tsx';
import { Panel } from './panel.tsx';
import { Name, Phrase } from './phrase.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { CodePicture } from './your-code.tsx';

export function OpenPanel() {
  const panel = useApp((state) => state.panel);
  switch (panel) {
    case 'none':
      return null;
    case 'settings':
      return <SettingsPanel />;
    case 'history':
      return <HistoryPanel />;
    case 'diagnostics':
      return <DiagnosticsPanel />;
    case 'shortcuts':
      return <ShortcutsPanel />;
    case 'about':
      return <AboutPanel />;
    case 'full-code':
      return <FullCode />;
  }
}

function HistoryPanel() {
  const { bytes, date, t } = useStrings();
  const { clearHistory, loadHistory, openPanel, reveal, sendAgain } = useActions();
  const sent = useApp((state) => state.sent);
  const open = useApp((state) => isOpen(state.session));
  const history = useApp((state) => state.history);
  useEffect(() => void loadHistory(), [loadHistory]);
  return (
    <Panel title={t('history.title')} wide>
      {history.length === 0 ? (
        <p className="muted">{t('history.empty')}</p>
      ) : (
        <ul className="plain-list scroll">
          {history.map((item) => (
            <li
              key={`${item.id}-${item.endedAtMs}`}
              className="line"
              data-testid="history-item"
              data-state={item.state}
            >
              <span className="grow">
                <Name text={item.title} className="strong" />
                <br />
                <span className="muted small">
                  <Phrase
                    of={item.direction === 'send' ? 'history.to' : 'history.from'}
                    parts={{ name: <Name text={item.peerName} max={64} /> }}
                  />{' '}
                  · {bytes(item.bytes)} · {date(item.endedAtMs)}
                </span>
              </span>
              {item.state === 'done' ? (
                <span
                  className="verified"
                  title={item.rootHash === undefined ? undefined : t('transfer.hash', { hash: item.rootHash })}
                >
                  <Check aria-hidden size={16} /> {t(`state.done.${item.direction}`)}
                </span>
              ) : (
                <span className="muted small">
                  {item.state === 'declined'
                    ? t(`state.declined.${item.direction}`)
                    : t(item.state === 'failed' ? 'state.failed' : 'state.cancelled')}
                </span>
              )}
              {open && sent.has(item.id) && (
                <button
                  type="button"
                  className="small-button"
                  data-testid="send-again"
                  onClick={() => {
                    openPanel('none');
                    void sendAgain(item.id);
                  }}
                >
                  {t('transfer.again')}
                </button>
              )}
              {item.canReveal && (
                <button type="button" className="small-button" onClick={() => void reveal(item.id)}>
                  {t('transfer.reveal')}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <button
          type="button"
          data-testid="history-clear"
          disabled={history.length === 0}
          onClick={() => void clearHistory()}
        >
          {t('history.clear')}
        </button>
      </div>
    </Panel>
  );
}

function DiagnosticsPanel() {
  const { t } = useStrings();
  const { copy, loadDiagnostics } = useActions();
  const rows = useApp((state) => state.diagnostics);
  const [withAddresses, setWithAddresses] = useState(false);
  useEffect(() => void loadDiagnostics(withAddresses), [loadDiagnostics, withAddresses]);
  return (
    <Panel title={t('diagnostics.title')} wide>
      <NetworkResult />
      <p className="muted">{t('diagnostics.help')}</p>
      <dl className="facts scroll" data-testid="diagnostics">
        {rows.map(({ name, value }) => (
          <div key={`${name} ${value}`} className="fact-pair">
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={withAddresses} onChange={(event) => setWithAddresses(event.target.checked)} />
        {t('diagnostics.addresses')}
      </label>
      <div className="row">
        <button
          type="button"
          className="primary"
          data-testid="copy-report"
          onClick={() => void copy(rows.map(({ name, value }) => `${name}: ${value}`).join('\n'))}
        >
          {t('diagnostics.copy')}
        </button>
      </div>
    </Panel>
  );
}

const shortcuts = [
  ['Ctrl V', 'paste'],
  ['Alt C', 'copy'],
  ['Alt T', 'field'],
  ['Alt S', 'scan'],
  ['Alt O', 'files'],
  ['Ctrl ,', 'settings'],
  ['?', 'sheet'],
  ['Esc', 'escape'],
] as const;

function ShortcutsPanel() {
  const { t } = useStrings();
  return (
    <Panel title={t('shortcuts.title')}>
      <dl className="facts">
        {shortcuts.map(([keys, what]) => (
          <div key={keys} className="fact-pair">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{t(`shortcuts.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function AboutPanel() {
  const { t } = useStrings();
  const version = useApp((state) => state.facts.version);
  return (
    <Panel title={t('about.title')}>
      <Cans shape="taut" />
      <p>{t('about.text')}</p>
      <p className="muted">{t('about.version', { version })}</p>
    </Panel>
  );
}

function FullCode() {
  const { t } = useStrings();
  const { openPanel } = useActions();
  const session = useApp((state) => state.session);
  const code = 'code' in session ? session.code : undefined;
  if (code?.at !== 'ready') return null;
  return (
    <Panel title={t(code.kind === 'reply' ? 'pairing.replyTag' : 'pairing.yours')} wide>
      <button
        type="button"
        className="qr-frame qr-full"
        aria-label={t('common.close')}
        onClick={() => openPanel('none')}
      >
        <CodePicture text={code.text} full />
      </button>
    </Panel>
  );
}
