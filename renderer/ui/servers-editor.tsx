// The list of STUN and TURN servers: each can be tested and removed, one can be added, a file of them taken or made.

import { FileDown, FileUp, Plus } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import type { ServerNews } from '../state/app-state.ts';
import { serversMax } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Name, Phrase } from './phrase.tsx';
import { ServerLine } from './server-line.tsx';

const nothing = { url: '', username: '', credential: '' };

export function ServersEditor() {
  const { t } = useStrings();
  const servers = useApp((state) => state.settings.servers);
  const news = useApp((state) => state.serverNews);
  return (
    <fieldset className="servers" data-testid="setting-servers">
      <legend>{t('settings.servers')}</legend>
      <p className="muted small">{t('settings.serversHelp')}</p>
      <ul className="plain-list">
        {servers.map((server) => (
          <ServerLine key={`${server.url} ${server.username ?? ''}`} server={server} />
        ))}
      </ul>
      <AddServer />
      <News news={news} />
      <ServersFile />
    </fieldset>
  );
}

function AddServer() {
  const { t } = useStrings();
  const { addServer } = useActions();
  const isRefused = useApp((state) => state.serverNews.at === 'refused');
  const [draft, setDraft] = useState(nothing);
  const isRelay = /^turns?:/i.test(draft.url.trim());

  async function add(event: FormEvent) {
    event.preventDefault();
    const { credential, username } = draft;
    const url = draft.url.trim();
    if (url === '') return;
    if (await addServer(isRelay ? { url, username, credential } : { url })) setDraft(nothing);
  }

  return (
    <form className="server-add" onSubmit={(event) => void add(event)}>
      <input
        data-testid="server-url"
        aria-label={t('settings.serverUrl')}
        aria-invalid={isRefused}
        aria-describedby={isRefused ? 'server-news' : undefined}
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
  );
}

function News({ news }: { readonly news: ServerNews }) {
  const { gap, number, t } = useStrings();
  const most = number(serversMax);
  switch (news.at) {
    case 'quiet':
      return null;
    case 'imported':
      return (
        <p className="small" role="status" data-testid="servers-imported">
          {[t('servers.added', { count: news.added }), news.held > 0 && t('servers.held', { count: news.held })]
            .filter((part) => part !== false)
            .join(gap)}
        </p>
      );
    case 'refused':
      return (
        <p
          id="server-news"
          className="notice small"
          role="alert"
          data-testid="server-fault"
          data-problem={news.problem}
        >
          {t(`servers.problem.${news.problem}`, { most })}
        </p>
      );
    case 'refused-file': {
      const { problem } = news;
      return (
        <p className="warning small" role="alert" data-testid="server-fault" data-problem={problem.is}>
          {t('servers.fileRefused') + gap}
          {'url' in problem && (
            <>
              <Phrase
                of="servers.entry"
                values={{ entry: number(problem.entry) }}
                parts={{ url: <Name text={problem.url} className="strong" /> }}
              />
              {gap}
            </>
          )}
          {t(`servers.problem.${problem.is}`, { most })}
        </p>
      );
    }
  }
}

function ServersFile() {
  const { t } = useStrings();
  const { exportServers, importServers } = useActions();
  const isEmpty = useApp((state) => state.settings.servers.length === 0);
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="small-button"
          data-testid="servers-import"
          onClick={() => picker.current?.click()}
        >
          <FileUp aria-hidden size={16} /> {t('servers.import')}
        </button>
        <button
          type="button"
          className="small-button"
          data-testid="servers-export"
          disabled={isEmpty}
          onClick={() => exportServers()}
        >
          <FileDown aria-hidden size={16} /> {t('servers.export')}
        </button>
        <input
          ref={picker}
          className="unseen"
          data-testid="servers-import-input"
          type="file"
          accept="application/json,.json"
          tabIndex={-1}
          aria-label={t('servers.import')}
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) void importServers(file);
            event.target.value = '';
          }}
        />
      </div>
      <p className="muted small">{t('servers.fileHelp')}</p>
    </>
  );
}
