// The receive prompt, docked at the bottom: who, what, how much, where to, and a yes or a no. One at a time.

import { Check, X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { ConflictPolicy, OfferPrompt } from '../state/app-state.ts';
import { peerOf } from '../state/app-state.ts';
import { chosen, toSelection } from '../state/offer-tree.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { FaultNote } from './fault-note.tsx';
import { hasFixedFolder } from './folder-advice.ts';
import { OfferList } from './offer-list.tsx';
import { Name, Phrase } from './phrase.tsx';
import { ThumbnailStrip } from './thumbnail.tsx';
import { unlessDouble } from './unless-double.ts';
import { useOnceSeen } from './use-once-seen.ts';

const policies: readonly ConflictPolicy[] = ['keep-both', 'replace', 'skip'];

export function OfferDock() {
  const offer = useApp((state) => state.offers[0]);
  const more = useApp((state) => state.offers.length - 1);
  return offer === undefined ? null : <Offer key={offer.transfer} offer={offer} more={more} />;
}

function Offer({ offer, more }: { readonly offer: OfferPrompt; readonly more: number }) {
  const { t } = useStrings();
  const { accept, decline } = useActions();
  const { listing, plan, transfer } = offer;
  const peerName = useApp((state) => peerOf(state.session)?.name ?? '');
  const yes = useRef<HTMLButtonElement>(null);
  const reason = useId();
  const room = roomFor(offer);
  const isSent = offer.answer.at === 'sent';
  const canAccept = room.at === 'fits' && listing.at === 'ready' && !isSent;
  // Another list may take the place of this one, and the focus comes only once it can be accepted.
  const isSeen = useOnceSeen(`${transfer} ${plan.manifestDigest} ${canAccept}`);
  // Whoever is writing, or looks at a panel, keeps the focus.
  useEffect(() => {
    if (canAccept && !isBusy(document.activeElement)) yes.current?.focus({ preventScroll: true });
  }, [canAccept]);
  return (
    <section className="card offer" data-testid="offer" data-id={transfer} aria-labelledby="offer-title">
      <div className="offer-body">
        <header className="offer-head">
          <ThumbnailStrip transfer={transfer} max={6} sidePx={44} />
          <div className="grow">
            <h2 id="offer-title">
              <Phrase of="offer.title" parts={{ name: <Name text={peerName || t('linked.unnamed')} max={64} /> }} />
            </h2>
            <p className="offer-what">
              <Name text={plan.title} className="strong" /> <Totals offer={offer} />
              {more > 0 && <span className="muted small">{t('offer.more', { count: more })}</span>}
            </p>
          </div>
          <div className="row">
            <button
              ref={yes}
              type="button"
              className="primary"
              data-testid="accept"
              aria-describedby={reason}
              disabled={!canAccept && !isSent}
              // Keeps the focus until its row takes it.
              aria-disabled={isSent || !isSeen}
              onClick={unlessDouble(() => {
                if (canAccept && isSeen) void accept(transfer);
              })}
            >
              <Check aria-hidden size={18} /> {isSent ? t('offer.accepting') : t('offer.accept')}
            </button>
            <button
              type="button"
              data-testid="decline"
              disabled={isSent}
              onClick={unlessDouble(() => decline(transfer))}
            >
              <X aria-hidden size={18} /> {t('offer.decline')}
            </button>
          </div>
        </header>
        {room.at === 'full' && <Room id={reason} room={room} />}
        {listing.at === 'loading' && (
          <p className="muted" role="status">
            {t('offer.loading', { loaded: listing.loaded, total: listing.total })}
          </p>
        )}
        {listing.at === 'failed' && <FaultNote fault={listing.fault} />}
        {listing.at === 'ready' && <OfferList transfer={transfer} listing={listing} />}
        <Notes offer={offer} />
        <div className="offer-choices small">
          <Destination offer={offer} />
          {/* Not above the list: that would move away from under the pointer with the last tick. */}
          {room.at !== 'full' && <Room id={reason} room={room} />}
          {plan.existing > 0 && <Conflict offer={offer} />}
        </div>
        {offer.answer.at === 'failed' && <FaultNote fault={offer.answer.fault} handle="offer-fault" />}
      </div>
    </section>
  );
}

function isBusy(focused: Element | null): boolean {
  return focused?.closest('input, textarea, select, [role="dialog"], [role="menu"]') != null;
}

function Conflict({ offer: { conflict, plan, transfer } }: { readonly offer: OfferPrompt }) {
  const { t } = useStrings();
  const { setConflict } = useActions();
  return (
    <label className="inline-field offer-existing">
      <span className="offer-note">{t('offer.existing', { count: plan.existing })}</span>
      <select
        data-testid="offer-conflict"
        value={conflict}
        onChange={(event) => setConflict(transfer, event.target.value as ConflictPolicy)}
      >
        {policies.map((policy) => (
          <option key={policy} value={policy}>
            {t(`offer.${policy}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Totals({ offer }: { readonly offer: OfferPrompt }) {
  const { bytes, t } = useStrings();
  const { files, folders, bytes: size } = offer.plan.totals;
  const words = [
    t('offer.files', { count: files }),
    ...(folders > 0 ? [t('offer.folders', { count: folders })] : []),
    bytes(size),
  ];
  return (
    <span className="muted" data-testid="offer-totals">
      <FactsLine facts={words} />
    </span>
  );
}

type Room = { readonly at: 'fits' | 'full' | 'none'; readonly neededBytes: number; readonly freeBytes: number };

/** Unticking files makes room: what is needed shrinks with the choice. */
function roomFor({ listing, plan }: OfferPrompt): Room {
  const freeBytes = plan.destination.freeBytes;
  if (listing.at !== 'ready') return { at: plan.fits ? 'fits' : 'full', neededBytes: plan.neededBytes, freeBytes };
  const left = plan.totals.bytes - chosen(listing.tree, listing.ticks).bytes;
  const neededBytes = Math.max(0, plan.neededBytes - left);
  const selection = toSelection(listing.tree, listing.ticks);
  if (selection !== 'all' && selection.length === 0) return { at: 'none', neededBytes, freeBytes };
  return { at: plan.fits || neededBytes <= freeBytes ? 'fits' : 'full', neededBytes, freeBytes };
}

function Room({ id, room }: { readonly id: string; readonly room: Room }) {
  const { bytes, t } = useStrings();
  const full = useApp(({ facts }) => (facts.folderDialog ? 'offer.full' : 'fixedFolder.full'));
  const sizes = { needed: bytes(room.neededBytes), free: bytes(room.freeBytes) };
  return (
    <p id={id} className={room.at === 'full' ? 'warning' : 'muted'} data-testid="offer-room" data-fits={room.at}>
      {room.at === 'none' ? t('offer.none') : t(room.at === 'fits' ? 'offer.fits' : full, sizes)}
    </p>
  );
}

function Notes({ offer: { plan } }: { readonly offer: OfferPrompt }) {
  const { t } = useStrings();
  const shared = useApp(({ facts }) => (hasFixedFolder(facts) ? 'fixedFolder.shared' : 'offer.shared'));
  const notes = [
    plan.renamed > 0 && t('offer.renamed', { count: plan.renamed }),
    plan.flagged > 0 && t('offer.flagged', { count: plan.flagged }),
    plan.destination.isShared === true && t(shared),
    plan.refused.length > 0 && t('offer.refused', { count: plan.refused.length }),
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <ul className="offer-notes small">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

function Destination({ offer }: { readonly offer: OfferPrompt }) {
  const { t } = useStrings();
  const { pickDestination } = useActions();
  const folderDialog = useApp((state) => state.facts.folderDialog);
  const isGuest = useApp((state) => state.facts.shell === 'guest');
  const label = isGuest ? t('guest.here') : offer.plan.destination.label;
  return (
    <div className="inline-field offer-where">
      <span className="muted">{t('offer.where')}</span>
      <span className="destination" data-testid="offer-destination" title={label}>
        <bdi>{label}</bdi>
      </span>
      {folderDialog && (
        <button
          type="button"
          className="quiet small-button"
          data-testid="offer-change"
          onClick={() => void pickDestination(offer.transfer)}
        >
          {t('offer.change')}
        </button>
      )}
    </div>
  );
}
