// What is offered, as a tree with checkboxes. Only the rows in view exist: a hundred thousand stay smooth.

import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronRight, File, Folder, FolderOpen } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { OfferListing } from '../state/app-state.ts';
import { chosen, tickState, visibleNodes } from '../state/offer-tree.ts';
import { useActions, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { FileName } from './phrase.tsx';
import { Thumbnail, useThumbnails } from './thumbnail.tsx';
import { visibleName } from './visible-name.ts';

const rowPx = 36;
const rowsShownAtFirst = 3;
type Ready = OfferListing & { at: 'ready' };

export function OfferList({ transfer, listing }: { readonly transfer: string; readonly listing: Ready }) {
  const { bytes, t } = useStrings();
  const { tickEverything } = useActions();
  const { closed, ticks, tree } = listing;
  const scroller = useRef<HTMLElement>(null);
  const visible = useMemo(() => visibleNodes(tree, closed), [tree, closed]);
  const sum = useMemo(() => chosen(tree, ticks), [tree, ticks]);
  const rows = useVirtualizer({
    count: visible.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  const [isLarge, setLarge] = useState(false);
  const total = tree.nodes.reduce((count, node) => count + (node.kind === 'file' && !node.refused ? 1 : 0), 0);
  return (
    <div className="offer-list" data-large={isLarge}>
      {/* A single row says all of it. */}
      {tree.nodes.length > 1 && (
        <div className="offer-all">
          <Tick
            state={sum.files === 0 ? 'off' : sum.files === total ? 'on' : 'some'}
            label={t('offer.all')}
            onToggle={() => tickEverything(transfer, sum.files !== total)}
          />
          <span className="grow" aria-hidden="true">
            {t('offer.all')}
          </span>
          <span className="muted small" aria-live="polite">
            <FactsLine facts={[t('offer.files', { count: sum.files }), bytes(sum.bytes)]} />
          </span>
          {visible.length > rowsShownAtFirst && (
            <button
              type="button"
              className="quiet small-button"
              aria-expanded={isLarge}
              onClick={() => setLarge(!isLarge)}
            >
              {t(isLarge ? 'common.showLess' : 'offer.choose')}
            </button>
          )}
        </div>
      )}
      <section ref={scroller} className="offer-rows" aria-label={t('offer.list')}>
        <div className="virtual" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => (
            <Row
              key={visible[item.index]}
              transfer={transfer}
              listing={listing}
              at={visible[item.index]!}
              top={item.start}
            />
          ))}
        </div>
      </section>
    </div>
  );
}

function Row({
  transfer,
  listing,
  at,
  top,
}: {
  readonly transfer: string;
  readonly listing: Ready;
  readonly at: number;
  readonly top: number;
}) {
  const { bytes, t } = useStrings();
  const { tick, toggleFolder } = useActions();
  const node = listing.tree.nodes[at]!;
  const picture = useThumbnails(transfer).get(node.row?.index ?? -1);
  const isShut = listing.closed.has(at);
  const hasChildren = node.end > at + 1;
  const state = tickState(listing.tree, listing.ticks, at);
  const Icon = node.kind === 'file' ? File : isShut ? Folder : FolderOpen;
  return (
    <div
      className="virtual-row offer-row"
      data-testid={node.kind === 'file' ? 'offer-file' : 'offer-folder'}
      data-index={node.row?.index}
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: `${0.5 + Math.min(node.depth, 12) * 1.1}rem` }}
    >
      {hasChildren ? (
        <button
          type="button"
          className="icon-button twist"
          aria-expanded={!isShut}
          aria-label={t(isShut ? 'offer.open' : 'offer.shut', { name: visibleName(node.name) })}
          onClick={() => toggleFolder(transfer, at)}
        >
          <ChevronRight aria-hidden size={16} />
        </button>
      ) : (
        <span className="twist" />
      )}
      <Tick state={state} label={visibleName(node.name)} disabled={node.refused} onToggle={() => tick(transfer, at)} />
      {picture === undefined ? <Icon aria-hidden size={16} /> : <Thumbnail picture={picture} sidePx={28} />}
      <span className="offer-name" title={visibleName(node.name)}>
        <FileName text={node.name} />
        {node.row?.sentAs !== undefined && (
          <span className="muted small"> {t('offer.sentAs', { name: visibleName(node.row.sentAs) })}</span>
        )}
      </span>
      {node.row?.flags.map((flag) => (
        <span key={flag} className="flag" data-flag={flag}>
          {t(`flag.${flag}`)}
        </span>
      ))}
      <span className="muted small size">{bytes(node.sizeBytes)}</span>
    </div>
  );
}

function Tick({
  state,
  label,
  disabled = false,
  onToggle,
}: {
  readonly state: 'on' | 'off' | 'some';
  readonly label: string;
  readonly disabled?: boolean;
  readonly onToggle: () => void;
}) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = state === 'some';
  }, [state]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={label}
      checked={state === 'on'}
      disabled={disabled}
      onChange={onToggle}
    />
  );
}
