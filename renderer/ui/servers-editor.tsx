// The list of STUN and TURN servers: each can be tested and removed, one can be added.

import { Plus, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { ServerEntry } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';

const nothing = { url: '', username: '', credential: '' };

export function ServersEditor() {
  const { t } = useStrings();
  const { saveSettings } = useActions();
  const servers = useApp((state) => state.settings.servers);
  const [draft, setDraft] = useState(nothing);
  const isRelay = /^turns?:/i.test(draft.url.trim());

  function add(event: FormEvent) {
    event.preventDefault();
    const url = draft.url.trim();
    if (url === '' || servers.some((held) => held.url === url)) return;
    const { credential, username } = draft;
    void saveSettings({ servers: [...servers, isRelay ? { url, username, credential } : { url }] });
    setDraft(nothing);
  }

  return (
    <fieldset className="servers" data-testid="setting-servers">
      <legend>{t('settings.servers')}</legend>
      <p className="muted small">{t('settings.serversHelp')}</p>
      <ul className="plain-list">
        {servers.map((server, at) => (
          <Server
            key={`${server.url} ${server.username ?? ''}`}
            server={server}
            onRemove={() => void saveSettings({ servers: servers.filter((_, other) => other !== at) })}
          />
        ))}
      </ul>
      <form className="server-add" onSubmit={add}>
        <input
          data-testid="server-url"
          aria-label={t('settings.serverUrl')}
          placeholder={t('settings.serverUrl')}
          value={draft.url}
          spellCheck={false}
          onChange={(event) => setDraft({ ...draft, url: event.target.value })}
        />
        {isRelay && (
          <>
            <input
              data-testid="server-username"
              aria-label={t('settings.serverUser')}
              placeholder={t('settings.serverUser')}
              autoComplete="off"
              value={draft.username}
              onChange={(event) => setDraft({ ...draft, username: event.target.value })}
            />
            <input
              data-testid="server-credential"
              aria-label={t('settings.serverPass')}
              placeholder={t('settings.serverPass')}
              type="password"
              autoComplete="off"
              value={draft.credential}
              onChange={(event) => setDraft({ ...draft, credential: event.target.value })}
            />
          </>
        )}
        <button type="submit" data-testid="server-add">
          <Plus aria-hidden size={16} /> {t('settings.serverAdd')}
        </button>
      </form>
    </fieldset>
  );
}

function Server({ server, onRemove }: { readonly server: ServerEntry; readonly onRemove: () => void }) {
  const { number, t } = useStrings();
  const { testServer } = useActions();
  const test = useApp((state) => state.serverTests.get(server.url));
  return (
    <li className="line">
      <span className="grow">
        <bdi className="strong">{server.url}</bdi>
        {test !== undefined && (
          <span
            className="muted small"
            role="status"
            data-testid="server-result"
            data-at={test.at === 'told' ? test.view.at : 'testing'}
          >
            {' '}
            {test.at === 'testing'
              ? t('settings.testing')
              : [
                  t(`settings.test.${test.view.at}`, { ms: number(Math.round(test.view.tookMs)) }),
                  test.view.publicAddress !== undefined &&
                    t('settings.test.public', { address: test.view.publicAddress }),
                  test.view.relay && t('settings.test.relay'),
                ]
                  .filter((part) => part !== false)
                  .join(' · ')}
          </span>
        )}
      </span>
      <button type="button" className="small-button" data-testid="server-test" onClick={() => void testServer(server)}>
        {t('settings.serverTest')}
      </button>
      <button
        type="button"
        className="icon-button"
        data-testid="server-remove"
        aria-label={t('common.remove', { name: server.url })}
        onClick={onRemove}
      >
        <Trash2 aria-hidden size={16} />
      </button>
    </li>
  );
}
