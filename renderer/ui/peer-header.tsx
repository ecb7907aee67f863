// Who is at the other end. The string between the cans is the status of the link and the progress of what moves.

import { BookmarkCheck, Camera, Ellipsis, Lock, LockOpen, Unplug } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useMemo } from 'react';
import type { PeerView } from '../../shared/model/link-view.ts';
import { directLaneNumber } from '../../shared/model/transfer.ts';
import { queueOf } from '../state/queue.ts';
import { AlwaysAcceptPeer } from './always-accept.tsx';
import { useActions, useApp, useProgress, useStrings } from './app-context.tsx';
import { Cans, type StringShape } from './cans.tsx';
import { Digits } from './digits-sheet.tsx';
import { DirectLaneNote, FirewallNote } from './direct-lane-note.tsx';
import { Name } from './phrase.tsx';
import { RememberButton } from './remember-row.tsx';
import { roundTo2 } from './round.ts';

const waves: readonly StringShape[] = ['waving', 'waving-back'];

export function PeerHeader({ peer, quiet }: { readonly peer: PeerView; readonly quiet: boolean }) {
  const { t } = useStrings();
  const { disconnect } = useActions();
  const isLeaving = useApp((state) => state.isLeaving);
  const isGuestPeer = useApp((state) => state.isGuestPeer);
  const { remember, route, trust } = peer;
  return (
    <section className="peer" aria-label={t('linked.with')}>
      <StatusString quiet={quiet} />
      <div className="grow">
        <h1 className="peer-name" data-testid="peer-name">
          <Name text={peer.name === '' ? t('linked.unnamed') : peer.name} max={64} />
        </h1>
        <p className="peer-line muted small">
          {quiet ? t('linked.quiet') : <Trust trust={trust} />}
          {isGuestPeer && (
            <span data-testid="peer-guest" title={t('guest.peerHelp')}>
              {t('guest.peer')}
            </span>
          )}
          <span data-testid="route" data-route={route?.kind}>
            {route === undefined ? t('linked.routeUnknown') : t(`linked.route.${route.kind}`)}
          </span>
          {!quiet && <DirectLaneNote />}
          <Speed />
        </p>
      </div>
      {remember !== undefined && remember !== 'asked' && !quiet && !isGuestPeer && (
        <RememberButton remember={remember} />
      )}
      <LineDetails peer={peer} />
      <button
        type="button"
        className="quiet"
        data-testid="disconnect"
        title={t('linked.disconnect')}
        disabled={isLeaving}
        onClick={() => disconnect()}
      >
        <Unplug aria-hidden size={18} /> <span className="label-wide">{t('linked.disconnect')}</span>
      </button>
    </section>
  );
}

function StatusString({ quiet }: { readonly quiet: boolean }) {
  const stillness = useMemo(() => matchMedia('(prefers-reduced-motion: reduce)'), []);
  const shape = useProgress(({ bytesPerSecond, beat }) => {
    if (bytesPerSecond <= 1) return 'taut';
    return waves[stillness.matches ? 0 : beat & 1]!;
  });
  const isBusy = useApp((state) => state.batch.size > 0);
  return isBusy && !quiet ? <MovingString shape={shape} /> : <Cans shape={quiet ? 'quiet' : shape} />;
}

function MovingString({ shape }: { readonly shape: StringShape }) {
  const transfers = useApp((state) => state.transfers);
  const batch = useApp((state) => state.batch);
  const byId = useProgress((state) => state.drawn);
  const { bytesDone, bytesTotal } = queueOf({ batch, transfers }, { byId, bytesPerSecond: 0 });
  return <Cans shape={shape} done={bytesTotal === 0 ? 0 : bytesDone / bytesTotal} />;
}

function Speed() {
  const { bytes, t } = useStrings();
  const speed = useProgress(({ bytesPerSecond }) => bytesPerSecond);
  return speed <= 1 ? null : <span>{t('transfer.perSecond', { size: bytes(roundTo2(speed)) })}</span>;
}

const trustIcons = { matched: Lock, camera: Camera, known: BookmarkCheck, unchecked: LockOpen } as const;

function Trust({ trust }: { readonly trust: PeerView['trust'] }) {
  const { t } = useStrings();
  if (trust.at !== 'settled') return <strong>{t('linked.compare')}</strong>;
  const Icon = trustIcons[trust.checked];
  return (
    <span className="trust" data-checked={trust.checked} data-testid="trust">
      <Icon aria-hidden size={14} /> {t(`linked.${trust.checked}`)}
    </span>
  );
}

function LineDetails({ peer }: { readonly peer: PeerView }) {
  const { t } = useStrings();
  return (
    <Popover.Root>
      <Popover.Trigger
        className="icon-button"
        data-testid="line-details"
        aria-label={t('linked.details')}
        title={t('linked.details')}
      >
        <Ellipsis aria-hidden size={20} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="menu line-facts" align="end" sideOffset={4}>
          <AlwaysAcceptPeer />
          <LineFacts peer={peer} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function LineFacts({ peer: { route, trust } }: { readonly peer: PeerView }) {
  const { milliseconds, number, t } = useStrings();
  const isLive = useApp((state) => state.session.at === 'linked');
  return (
    <dl className="facts">
      {trust.at === 'settled' && (
        <>
          <dt>{t('linked.digits')}</dt>
          <dd>
            <Digits digits={trust.digits} />
          </dd>
        </>
      )}
      <dt>{t('linked.roundTrip')}</dt>
      <dd>{route?.roundTripMs === undefined ? '–' : milliseconds(route.roundTripMs)}</dd>
      <dt>{t('linked.lanes')}</dt>
      <dd>{number(route?.lanes ?? 1)}</dd>
      {isLive && route?.kind === 'same-network' && <FirewallNote />}
      {isLive && <Lanes />}
    </dl>
  );
}

function Lanes() {
  const { bytes, t } = useStrings();
  const lanes = useProgress((state) => state.lanes);
  const numbered = lanes.filter(({ lane }) => lane !== directLaneNumber);
  return lanes.map(({ lane, bytesPerSecond }) => (
    <div key={lane} className="fact-pair" data-testid="lane">
      <dt>
        {lane === directLaneNumber
          ? t('linked.laneDirect')
          : t('linked.lane', { number: numbered.findIndex((each) => each.lane === lane) + 1 })}
      </dt>
      <dd>{bytesPerSecond < 1 ? '–' : t('transfer.perSecond', { size: bytes(roundTo2(bytesPerSecond)) })}</dd>
    </div>
  ));
}
