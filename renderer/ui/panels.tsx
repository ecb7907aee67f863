// The panel that is open, if any.

import { useActions, useApp, useStrings } from './app-context.tsx';
import { Cans } from './cans.tsx';
import { CodeCanvas } from './code-picture.tsx';
import { DiagnosticsPanel } from './diagnostics-panel.tsx';
import { Facts } from './facts.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { OpenFilePanel } from './open-file-panel.tsx';
import { Panel } from './panel.tsx';
import { PhonePanel } from './phone-panel.tsx';
import { SaveGuestPanel } from './save-guest-panel.tsx';
import { SettingsPanel } from './settings-panel.tsx';

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
    case 'save-guest':
      return <SaveGuestPanel />;
    case 'phone':
      return <PhonePanel />;
    case 'open-file':
      return <OpenFilePanel />;
  }
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
      <Facts
        facts={shortcuts.map(([keys, what]) => ({ key: keys, name: <kbd>{keys}</kbd>, value: t(`shortcuts.${what}`) }))}
      />
    </Panel>
  );
}

function AboutPanel() {
  const { t } = useStrings();
  const version = useApp((state) => state.facts.version);
  return (
    <Panel title={t('about.title')}>
      <div className="about">
        <Cans shape="taut" />
        <p>{t('about.text')}</p>
        <p className="muted small">{t('about.version', { version })}</p>
      </div>
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
    <Panel title={t(code.kind === 'reply' ? 'pairing.yourReply' : 'pairing.yours')} wide>
      <button
        type="button"
        className="qr-frame qr-full"
        aria-label={t('common.close')}
        onClick={() => openPanel('none')}
      >
        <CodeCanvas text={code.text} handle="code-qr-full" />
      </button>
      <p className="full-text muted" dir="ltr">
        {code.text}
      </p>
    </Panel>
  );
}
