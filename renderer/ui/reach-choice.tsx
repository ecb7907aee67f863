// How far codes reach: this network, or anywhere. Says in one line what that means and what is contacted.

import type { MyCode } from '../../shared/model/link-view.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import { askedServers, type ServerEntry } from '../../shared/model/server-entry.ts';
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
  const { gap } = useStrings();
  const settings = useApp((state) => state.settings);
  const servers = askedServers(settings);
  const at = useRouterAt(code);
  return (
    <>
      {at !== undefined && <RouterSays at={at} isAlone={servers.length === 0} />}
      {gap}
      <ServersSay code={code} router={at} servers={servers} />
    </>
  );
}

type RouterAnswer = Exclude<RouterView['at'], 'off'>;

/** Nothing where the person's router is not asked. It is asked before a code is there. */
function useRouterAt({ at: codeAt }: MyCode): RouterAnswer | undefined {
  return useApp(({ router: { at }, settings: { askRouter } }) => {
    if (!askRouter) return undefined;
    return at !== 'off' ? at : codeAt === 'making' ? 'asking' : undefined;
  });
}

/** `isAlone`: it is all that is asked. Where it does not help, the next step is one click away. */
function RouterSays({ at, isAlone }: { readonly at: RouterAnswer; readonly isAlone: boolean }) {
  const { gap, t } = useStrings();
  const { saveSettings } = useActions();
  const isHelp = at === 'opens' || at === 'asking';
  if (!isHelp && !isAlone) return null;
  return (
    <span data-testid="reach-router" data-router={at}>
      {t(`router.${at}`) + gap}
      {at === 'opens' && isAlone && t('reach.networkHelp')}
      {!isHelp && (
        <button
          type="button"
          className="small-button"
          data-testid="reach-stun"
          onClick={() => void saveSettings({ askStun: true })}
        >
          {t('reach.useStun')}
        </button>
      )}
    </span>
  );
}

function ServersSay({
  code,
  router,
  servers,
}: {
  readonly code: MyCode;
  readonly router: RouterAnswer | undefined;
  readonly servers: readonly ServerEntry[];
}) {
  const { gap, t } = useStrings();
  const { checkNetwork } = useActions();
  const asksRouter = useApp((state) => state.settings.askRouter);
  const first = servers[0];
  if (first === undefined && !asksRouter) return t('reach.noServer');
  // It has said everything.
  if (first === undefined && router !== undefined) return null;
  // Told once everybody has answered.
  if (code.at === 'ready' && code.local && router !== 'asking') {
    return (
      <>
        {t('reach.notFound') + gap}
        <button type="button" className="small-button" onClick={() => void checkNetwork()}>
          {t('network.check')}
        </button>
      </>
    );
  }
  if (first === undefined) return t('reach.networkHelp');
  return (
    <Phrase
      of="reach.anywhereHelp"
      values={{ count: servers.length }}
      parts={{ server: <bdi>{first.url.replace(/^\w+:/, '').replace(/[:?].*$/, '')}</bdi> }}
    />
  );
}
