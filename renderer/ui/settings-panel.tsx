// Settings. Everything is saved as it is changed; there is nothing to confirm.

import { Switch } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { languageNames, languages } from '../../shared/model/language.ts';
import type { Settings } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { NetworkCheck } from './network-check.tsx';
import { Panel } from './panel.tsx';
import { RememberedEditor } from './remembered-editor.tsx';
import { ServersEditor } from './servers-editor.tsx';

export function SettingsPanel() {
  const { t } = useStrings();
  const { openPanel, saveSettings } = useActions();
  const settings = useApp((state) => state.settings);
  const isGuest = useApp((state) => state.facts.shell === 'guest');
  return (
    <Panel title={t('settings.title')} wide>
      <div className="settings scroll">
        <Group of="computer" />
        <TextSetting
          handle="setting-device-name"
          label={t('settings.device')}
          help={t('settings.deviceHelp')}
          value={settings.deviceName}
          onSave={(deviceName) => void saveSettings({ deviceName })}
        />
        {!isGuest && <DownloadFolder />}
        <div className="two-fields">
          <label className="field">
            <span>{t('settings.theme')}</span>
            <select
              data-testid="setting-theme"
              value={settings.theme}
              onChange={(event) => void saveSettings({ theme: event.target.value as Settings['theme'] })}
            >
              {(['system', 'light', 'dark'] as const).map((theme) => (
                <option key={theme} value={theme}>
                  {t(`settings.theme.${theme}`)}
                </option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('settings.language')}</span>
            <select
              data-testid="setting-language"
              value={settings.language}
              onChange={(event) => void saveSettings({ language: event.target.value as Settings['language'] })}
            >
              <option value="system">{t('settings.language.system')}</option>
              {languages.map((language) => (
                <option key={language} value={language} lang={language}>
                  {languageNames[language]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Group of="connecting" />
        <Toggle
          handle="setting-internet"
          label={t('settings.internet')}
          help={t('settings.internetHelp')}
          name="internet"
        />
        {!isGuest && (
          <Toggle
            handle="setting-router"
            label={t('settings.askRouter')}
            help={t('settings.askRouterHelp')}
            name="askRouter"
          />
        )}
        <Toggle handle="setting-stun" label={t('settings.askStun')} help={t('settings.askStunHelp')} name="askStun" />
        <ServersEditor />
        <NetworkCheck />
        {!isGuest && <OfProgram />}
        <div className="row settings-end">
          {(['shortcuts', 'diagnostics', 'about'] as const).map((panel) => (
            <button
              key={panel}
              type="button"
              className="small-button"
              data-testid={panel}
              onClick={() => openPanel(panel)}
            >
              {t(`menu.${panel}`)}
            </button>
          ))}
        </div>
      </div>
    </Panel>
  );
}

function DownloadFolder() {
  const { t } = useStrings();
  const { pickDownloadDir } = useActions();
  const folder = useApp((state) => state.settings.downloadDir);
  const folderDialog = useApp((state) => state.facts.folderDialog);
  return (
    <div className="field">
      <span>{t('settings.download')}</span>
      {folderDialog ? (
        <button type="button" data-testid="setting-download-dir" onClick={() => void pickDownloadDir()}>
          <bdi>{folder}</bdi>
        </button>
      ) : (
        <>
          <bdi data-testid="setting-download-dir">{folder}</bdi>
          <small className="muted">{t('settings.downloadFixed')}</small>
        </>
      )}
    </div>
  );
}

function Group({ of }: { readonly of: 'computer' | 'connecting' | 'receiving' | 'alerts' }) {
  const { t } = useStrings();
  return <h3 className="settings-group">{t(`settings.group.${of}`)}</h3>;
}

/** What only a program can do: reach the network and the disk by itself, and keep something for another day. */
function OfProgram() {
  const { t } = useStrings();
  return (
    <>
      <Toggle
        handle="setting-near-replies"
        label={t('settings.nearReplies')}
        help={t('settings.nearRepliesHelp')}
        name="nearReplies"
      />
      <Toggle
        handle="setting-near-known"
        label={t('settings.nearKnown')}
        help={t('settings.nearKnownHelp')}
        name="nearKnown"
      />
      <Toggle
        handle="setting-direct"
        label={t('settings.directLane')}
        help={t('settings.directLaneHelp')}
        name="directLane"
      />
      <RememberedEditor />
      <Group of="receiving" />
      <Toggle
        handle="setting-accept-verified"
        label={t('settings.acceptVerified')}
        help={t('settings.acceptVerifiedHelp')}
        name="acceptVerified"
      />
      <Toggle handle="setting-keep-executable" label={t('settings.executable')} name="keepExecutable" />
      <Group of="alerts" />
      <Toggle handle="setting-notifications" label={t('settings.notifications')} name="notifications" />
      <Toggle handle="setting-sound" label={t('settings.sound')} name="sound" />
      <Toggle handle="setting-history" label={t('settings.history')} name="history" />
      <Toggle handle="setting-keep-notes" label={t('settings.keepNotes')} name="keepNotes" needs="history" />
    </>
  );
}

function TextSetting({
  handle,
  label,
  help,
  value,
  onSave,
}: {
  readonly handle: string;
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly onSave: (value: string) => void;
}) {
  const [draft, setDraft] = useState(value);
  const save = () => draft.trim() !== '' && draft !== value && onSave(draft.trim());
  return (
    <label className="field">
      <span>{label}</span>
      <input
        data-testid={handle}
        value={draft}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === 'Enter' && save()}
      />
      {help !== undefined && <span className="muted small">{help}</span>}
    </label>
  );
}

type ToggleName =
  | 'internet'
  | 'askRouter'
  | 'askStun'
  | 'nearReplies'
  | 'nearKnown'
  | 'directLane'
  | 'acceptVerified'
  | 'notifications'
  | 'sound'
  | 'history'
  | 'keepNotes'
  | 'keepExecutable';

function Toggle({
  handle,
  label,
  help,
  name,
  needs,
}: {
  readonly handle: string;
  readonly label: ReactNode;
  readonly help?: string;
  readonly name: ToggleName;
  /** Means nothing without that one. */
  readonly needs?: ToggleName;
}) {
  const { saveSettings } = useActions();
  const isUsable = useApp((state) => needs === undefined || state.settings[needs]);
  const isOn = useApp((state) => state.settings[name]) && isUsable;
  const id = `toggle-${name}`;
  return (
    <div className="toggle">
      <label htmlFor={id} className="grow">
        <span>{label}</span>
        {help !== undefined && <span className="muted small">{help}</span>}
      </label>
      <Switch.Root
        id={id}
        className="switch"
        data-testid={handle}
        checked={isOn}
        disabled={!isUsable}
        onCheckedChange={(on) => void saveSettings({ [name]: on })}
      >
        <Switch.Thumb className="switch-thumb" />
      </Switch.Root>
    </div>
  );
}
