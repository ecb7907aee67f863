// How far codes reach: this network, or anywhere. Says in one line what that means and what is contacted.

import type { MyCode } from '../../shared/model/link-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { NetworkResult } from './network-check.tsx';
import { Phrase } from './phrase.tsx';

export function ReachChoice({ code }: { readonly code: MyCode }) {
  const { t } = useStrings();
  const { saveSettings } = useActions();
  const isAnywhere = useApp((state) => state.settings.internet);
  // The settings show the same result.
  const isUncovered = useApp((state) => state.panel === 'none');
  return (
    <div className="stack">
      <div className="reach">
        <div className="segments" role="radiogroup" aria-label={t('reach.title')} data-testid="reach">
          {([false, true] as const).map((internet) => (
            <label
              key={String(internet)}
              className="segment"
              data-state={isAnywhere === internet ? 'on' : 'off'}
              data-testid={internet ? 'reach-anywhere' : 'reach-network'}
            >
              <input
                type="radio"
                className="unseen"
                name="reach"
                checked={isAnywhere === internet}
                onChange={() => void saveSettings({ internet })}
              />
              {t(internet ? 'reach.anywhere' : 'reach.network')}
            </label>
          ))}
        </div>
        <p className="muted small grow" role="status" data-testid="reach-meaning">
          {isAnywhere ? <Anywhere code={code} /> : t('reach.networkHelp')}
        </p>
      </div>
      {isAnywhere && isUncovered && <NetworkResult titled />}
    </div>
  );
}

function Anywhere({ code }: { readonly code: MyCode }) {
  const { t } = useStrings();
  const { checkNetwork } = useActions();
  const servers = useApp((state) => state.settings.servers);
  const first = servers[0];
  if (first === undefined) return t('reach.noServer');
  if (code.at === 'ready' && code.local) {
    return (
      <>
        {t('reach.notFound')}{' '}
        <button type="button" className="small-button" onClick={() => void checkNetwork()}>
          {t('network.check')}
        </button>
      </>
    );
  }
  return (
    <Phrase
      of="reach.anywhereHelp"
      values={{ count: servers.length }}
      parts={{ server: <bdi>{first.url.replace(/^\w+:/, '').replace(/[:?].*$/, '')}</bdi> }}
    />
  );
}
