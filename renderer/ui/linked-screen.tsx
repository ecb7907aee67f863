// A link, live or healing: the peer, what comes in, what goes out, and everything on its way.

import { PlugZap } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { LinkView } from '../../shared/model/link-view.ts';
import { useActions, useStrings } from './app-context.tsx';
import { DropZone } from './drop-zone.tsx';
import { OfferCard } from './offer-card.tsx';
import { PeerCard } from './peer-card.tsx';
import { TextsPanel } from './texts-panel.tsx';
import { TheirCode } from './their-code.tsx';
import { TransferList } from './transfer-list.tsx';
import { YourCode } from './your-code.tsx';

export function LinkedScreen({ session }: { readonly session: LinkView & { at: 'linked' | 'reconnecting' } }) {
  return (
    <div className="screen">
      {session.at === 'reconnecting' && <Reconnecting session={session} />}
      <PeerCard peer={session.peer} quiet={session.at === 'reconnecting'} />
      <OfferCard />
      <DropZone />
      <TransferList />
      <TextsPanel compose />
    </div>
  );
}

function Reconnecting({ session }: { readonly session: LinkView & { at: 'reconnecting' } }) {
  const { ago, t } = useStrings();
  const { pairAgain } = useActions();
  const nowMs = useNow();
  const { rejoining } = session;
  return (
    <>
      <section className="banner" aria-labelledby="quiet-title">
        <div className="grow">
          <h2 id="quiet-title">
            {t('reconnecting.title', { ago: ago(Math.min(session.sinceMs, nowMs - 1000), nowMs) })}
          </h2>
          <p className="small">{session.code === undefined ? t('reconnecting.help') : t('reconnecting.fresh')}</p>
          {rejoining !== undefined && (
            <p className="small" role="status" data-testid="rejoining">
              {t('reconnecting.taken')}
            </p>
          )}
          {rejoining?.hint !== undefined && (
            <p className="small" role="status" data-testid="connecting-hint" data-hint={rejoining.hint}>
              {t(`hint.${rejoining.hint}`)}
            </p>
          )}
        </div>
        {session.code === undefined && (
          <button type="button" data-testid="pair-again" onClick={() => pairAgain()}>
            <PlugZap aria-hidden size={18} /> {t('reconnecting.again')}
          </button>
        )}
      </section>
      {session.code !== undefined && (
        <div className="two">
          <YourCode code={session.code} />
          <TheirCode />
        </div>
      )}
    </>
  );
}

/** The wall clock, once a second. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
