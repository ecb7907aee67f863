// One server of the list, and what its test said.

import { Trash2 } from 'lucide-react';
import type { ServerEntry, ServerTest } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { IconButton } from './icon-button.tsx';
import type { Strings } from './strings/strings.ts';
import { unlessDouble } from './unless-double.ts';

export function ServerLine({ server }: { readonly server: ServerEntry }) {
  const { number, t } = useStrings();
  const { removeServer, testServer } = useActions();
  const test = useApp((state) => state.serverTests.get(server.url));
  const isOn = useApp((state) => state.settings.internet);
  return (
    <li className="line">
      <div className="grow">
        <bdi className="strong">{server.url}</bdi>
        {test !== undefined && (
          <p
            className="muted small"
            role="status"
            data-testid="server-result"
            data-at={test.at === 'told' ? test.view.at : 'testing'}
          >
            <FactsLine facts={outcome(server, test, { number, t })} />
          </p>
        )}
      </div>
      <span className="server-buttons">
        <button
          type="button"
          className="small-button"
          data-testid="server-test"
          disabled={!isOn}
          title={isOn ? undefined : t('servers.off')}
          onClick={() => void testServer(server)}
        >
          {t('settings.serverTest')}
        </button>
        <IconButton
          handle="server-remove"
          label={t('common.remove', { name: server.url })}
          icon={<Trash2 aria-hidden size={16} />}
          onClick={unlessDouble(() => void removeServer(server))}
        />
      </span>
    </li>
  );
}

function outcome({ url }: ServerEntry, test: ServerTest, { number, t }: Pick<Strings, 'number' | 't'>): string[] {
  if (test.at === 'testing') return [t('settings.testing')];
  const { at, publicAddress, relay, tookMs } = test.view;
  const isRelay = /^turns?:/i.test(url);
  return [
    t(`settings.test.${at}`, { ms: number(Math.round(tookMs)) }),
    publicAddress !== undefined && t('settings.test.public', { address: publicAddress }),
    relay && t('settings.test.relay'),
    isRelay && !relay && at === 'reached' && t('settings.test.noRelay'),
  ].filter((part) => part !== false);
}
