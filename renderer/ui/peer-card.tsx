// Who is at the other end: name, digits, route, and the line's details for those who want them.

import { BookmarkCheck, Camera, Check, ShieldQuestion, Unplug } from 'lucide-react';
import { useState } from 'react';
import type { PeerView, TrustView } from '../../shared/model/link-view.ts';
import { useActions, useApp, useProgress, useStrings } from './app-context.tsx';
import { Cans, type StringShape } from './cans.tsx';
import { Name } from './phrase.tsx';
import { RememberRow } from './remember-row.tsx';

/** A plucked string is seen in its two extremes. */
const waves: readonly StringShape[] = ['waving', 'waving-back'];

export function PeerCard({ peer, quiet }: { readonly peer: PeerView; readonly quiet: boolean }) {
  const { t } = useStrings();
  const { disconnect } = useActions();
  return (
    <section className="card peer" aria-labelledby="peer-title">
      <div className="peer-top">
        <PluckedCans quiet={quiet} />
        <div className="grow">
          <p className="muted small" id="peer-title">
            {t(quiet ? 'linked.quiet' : 'linked.with')}
          </p>
          <h1 className="peer-name" data-testid="peer-name">
            <Name text={peer.name === '' ? t('linked.unnamed') : peer.name} max={64} />
          </h1>
        </div>
        <button type="button" data-testid="disconnect" onClick={() => disconnect()}>
          <Unplug aria-hidden size={18} /> {t('linked.disconnect')}
        </button>
      </div>
      <div className="row peer-facts">
        <Trust trust={peer.trust} />
        {peer.remember !== undefined && !quiet && <RememberRow remember={peer.remember} />}
      </div>
      <LineDetails peer={peer} />
    </section>
  );
}

function PluckedCans({ quiet }: { readonly quiet: boolean }) {
  const shape = useProgress(({ bytesPerSecond, beat }) => (bytesPerSecond <= 1 ? 'taut' : waves[beat & 1]!));
  return <Cans shape={quiet ? 'quiet' : shape} />;
}

const trustIcons = { matched: Check, camera: Camera, known: BookmarkCheck, unchecked: ShieldQuestion } as const;

function Trust({ trust }: { readonly trust: TrustView }) {
  const { t } = useStrings();
  const { settleDigits } = useActions();
  const isReadable = useApp((state) => state.digitsReadable);
  const waiting = useApp((state) => state.staged.length);
  if (trust.at === 'settled') {
    const Icon = trustIcons[trust.checked];
    return (
      <p className="trust" data-checked={trust.checked} data-testid="trust">
        <Icon aria-hidden size={18} />
        {t(`linked.${trust.checked}`)}
        <Digits digits={trust.digits} />
      </p>
    );
  }
  return (
    <section className="trust-ask" aria-labelledby="digits-title">
      <div className="grow">
        <h2 id="digits-title">{t('linked.digitsTitle')}</h2>
        <p className="muted small">{t('linked.digitsHelp')}</p>
        {waiting > 0 && <p className="small">{t('outbox.then', { count: waiting })}</p>}
      </div>
      <Digits digits={trust.digits} />
      {trust.at === 'asking' ? (
        <div className="row">
          <button
            type="button"
            className="primary"
            data-testid="verify-match"
            disabled={!isReadable}
            // Enter may be meant for something else; a click or Space is not.
            onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
            onClick={() => settleDigits('match')}
          >
            <Check aria-hidden size={18} /> {t('linked.match')}
          </button>
          <button type="button" data-testid="verify-skip" onClick={() => settleDigits('skip')}>
            {t('linked.skip')}
          </button>
        </div>
      ) : (
        <p className="muted" role="status">
          {t('linked.waiting')}
        </p>
      )}
    </section>
  );
}

function Digits({ digits }: { readonly digits: string }) {
  const { t } = useStrings();
  return (
    <span
      className="digits"
      // Read aloud and compared: the same order in every language.
      dir="ltr"
      data-testid="verify-digits"
      role="img"
      aria-label={`${t('linked.digits')}: ${[...digits].join(' ')}`}
      translate="no"
    >
      {digits.slice(0, 3)} {digits.slice(3)}
    </span>
  );
}

function LineDetails({ peer }: { readonly peer: PeerView }) {
  const { t } = useStrings();
  const [isOpen, setOpen] = useState(false);
  const { route } = peer;
  return (
    <details className="line-details" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span data-testid="route" data-route={route?.kind}>
          {route === undefined ? t('linked.routeUnknown') : t(`linked.route.${route.kind}`)}
        </span>
        <span className="muted small"> · {t('linked.details')}</span>
      </summary>
      {isOpen && <LineFacts route={route} />}
    </details>
  );
}

function LineFacts({ route }: { readonly route: PeerView['route'] }) {
  const { number, t } = useStrings();
  const isLive = useApp((state) => state.session.at === 'linked');
  return (
    <dl className="facts">
      <dt>{t('linked.roundTrip')}</dt>
      <dd>{route?.roundTripMs === undefined ? '–' : `${number(Math.round(route.roundTripMs))} ms`}</dd>
      <dt>{t('linked.lanes')}</dt>
      <dd>{number(route?.lanes ?? 1)}</dd>
      {isLive && <Lanes />}
    </dl>
  );
}

function Lanes() {
  const { bytes, t } = useStrings();
  const lanes = useProgress((state) => state.lanes);
  return lanes.map(({ lane, bytesPerSecond }, at) => (
    <div key={lane} className="fact-pair" data-testid="lane">
      <dt>{t('linked.lane', { number: at + 1 })}</dt>
      <dd>{bytesPerSecond < 1 ? '–' : t('transfer.perSecond', { size: bytes(Math.round(bytesPerSecond)) })}</dd>
    </div>
  ));
}
