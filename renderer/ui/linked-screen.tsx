// A link, live or healing: who it is, the digits, what came and went, what is offered, and the composer.

import { PlugZap, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { LinkView } from '../../shared/model/link-view.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { Composer } from './composer.tsx';
import { DigitsSheet } from './digits-sheet.tsx';
import { InviteCard } from './invite-card.tsx';
import { OfferDock } from './offer-dock.tsx';
import { PeerHeader } from './peer-header.tsx';
import { RememberQuestion } from './remember-row.tsx';
import { TheirCode } from './their-code.tsx';
import { Timeline } from './timeline.tsx';

export function LinkedScreen({ session }: { readonly session: LinkView & { at: 'linked' | 'reconnecting' } }) {
  const { peer } = session;
  const isGuestPeer = useApp((state) => state.isGuestPeer);
  const isOffered = useApp((state) => state.offers.length > 0);
  return (
    <div className="linked">
      <PeerHeader peer={peer} quiet={session.at === 'reconnecting'} />
      {peer.remember === 'asked' && session.at === 'linked' && !isGuestPeer && <RememberQuestion />}
      <KeepInFront />
      <Leaving />
      {session.at === 'reconnecting' && <Reconnecting session={session} />}
      {peer.trust.at === 'settled' ? (
        <Timeline hint={session.at === 'linked' && !isOffered} />
      ) : (
        <DigitsSheet peer={peer} trust={peer.trust} />
      )}
      <OfferDock />
      <Composer />
    </div>
  );
}

/** Phones stop a page that nobody sees, and turn the screen off where a page may not keep it on. */
function KeepInFront() {
  const { t } = useStrings();
  const isPhone = useApp(({ facts: { platform, shell } }) => shell === 'guest' && /^(Android|iOS)$/.test(platform));
  if (!isPhone) return null;
  return (
    <p className="muted small" data-testid="keep-in-front">
      {t('wakeLock' in navigator ? 'guest.keepInFront' : 'guest.keepScreenOn')}
    </p>
  );
}

/** Some seconds in which Disconnect can be taken back. */
function Leaving() {
  const { t } = useStrings();
  const { leaveNow, stay } = useActions();
  const isLeaving = useApp((state) => state.isLeaving);
  if (!isLeaving) return null;
  return (
    <div className="ask" role="alert" data-testid="leaving">
      <p className="grow strong">{t('leaving.title')}</p>
      {/* The button that was pressed is off now, and focus must not fall to the body. */}
      {/* biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed */}
      <button type="button" className="primary" data-testid="stay" autoFocus onClick={() => stay()}>
        <Undo2 aria-hidden size={18} /> {t('leaving.undo')}
      </button>
      <button type="button" data-testid="leave-now" onClick={() => leaveNow()}>
        {t('leaving.now')}
      </button>
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
          <p className="small">
            {session.code === undefined
              ? t(session.callsBack ? 'reconnecting.known' : 'reconnecting.help')
              : t('reconnecting.fresh')}
          </p>
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
          <button type="button" className="primary" data-testid="pair-again" onClick={() => pairAgain()}>
            <PlugZap aria-hidden size={18} /> {t('reconnecting.again')}
          </button>
        )}
      </section>
      {session.code !== undefined && (
        <div className="two">
          <InviteCard code={session.code} />
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
