// Files and notes in one list: what moves on top, then the past with the newest at the bottom. Rows out of view do not exist.

import { useVirtualizer } from '@tanstack/react-virtual';
import { Inbox } from 'lucide-react';
import { type CSSProperties, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { UnfinishedView } from '../state/app-state.ts';
import { queueOf } from '../state/queue.ts';
import { type TimelineEntry, timelineOf, wouldBeSent } from '../state/timeline.ts';
import { useActions, useApp, useProgress, useStrings } from './app-context.tsx';
import { canDrag } from './can-drag.ts';
import { FactsLine } from './facts-line.tsx';
import { NoteRow } from './note-row.tsx';
import { TransferRow } from './transfer-row.tsx';

const rowPx = 76;
/** Short lists are drawn whole, so that finding something in the page finds it. */
const wholeUpTo = 30;
const nearEndPx = 80;

/** `hint`: says what to do while there is nothing. `isPast`: without what the list of unfinished transfers shows. */
export function Timeline({ hint = false, isPast = false }: { readonly hint?: boolean; readonly isPast?: boolean }) {
  const { t } = useStrings();
  const order = useApp((state) => state.order);
  const texts = useApp((state) => state.texts);
  const transfers = useApp((state) => state.transfers);
  const unfinished = useApp((state) => (isPast ? state.unfinished : noneUnfinished));
  const removed = useApp(({ removal }) => (removal?.is === 'unfinished' ? removal.id : undefined));
  const asked = useAskedBelow();
  const { moving, past } = useMemo(() => {
    const elsewhere = new Set([asked, removed, ...unfinished.map(({ id }) => id)]);
    return timelineOf({ order: order.filter((id) => !elsewhere.has(id)), texts, transfers });
  }, [asked, order, removed, texts, transfers, unfinished]);
  // No row of the list that has no height: a list that has none draws no rows, and would not find out that it has one again.
  const unseen = asked !== undefined && (
    <div hidden>
      <TransferRow id={asked} />
    </div>
  );
  if (moving.length + past.length === 0) {
    if (!hint) return unseen;
    return (
      <section className="timeline timeline-empty" aria-label={t('transfers.title')}>
        <Inbox aria-hidden size={40} />
        <h2>{t(canDrag() ? 'linked.dropTitle' : 'linked.pickTitle')}</h2>
        <p className="muted">{t('linked.dropHelp')}</p>
      </section>
    );
  }
  return (
    <section className="timeline" aria-label={t('transfers.title')}>
      {unseen}
      <QueueSum />
      {moving.length > 0 && <Rows entries={moving} />}
      {past.some(isClearable) && <ClearFinished />}
      {past.length > 0 && <Rows entries={past} follows />}
    </section>
  );
}

const small = matchMedia('(max-width: 40rem), (max-height: 45rem)');

/** Whose receive prompt is on the screen. It says what the row would say, and has its room in a small window. */
function useAskedBelow(): string | undefined {
  const asked = useApp((state) => state.offers[0]?.transfer);
  const isSmall = useSyncExternalStore(onSmall, () => small.matches);
  return isSmall ? asked : undefined;
}

function onSmall(changed: () => void): () => void {
  small.addEventListener('change', changed);
  return () => small.removeEventListener('change', changed);
}

function isClearable(entry: TimelineEntry): boolean {
  return entry.is === 'transfer' && !wouldBeSent(entry.view);
}

/** Stands where what is over begins. */
function ClearFinished() {
  const { t } = useStrings();
  const { clearFinished } = useActions();
  return (
    <div className="timeline-divide">
      <button type="button" className="quiet small-button" data-testid="clear-finished" onClick={() => clearFinished()}>
        {t('transfers.clear')}
      </button>
    </div>
  );
}

const noneUnfinished: readonly UnfinishedView[] = [];

/** `follows`: stays at its end, where the newest is. */
function Rows({
  entries,
  follows = false,
}: {
  readonly entries: readonly TimelineEntry[];
  readonly follows?: boolean;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(follows);
  /** The room when it was last followed. */
  const roomPx = useRef(0);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: entries.length <= wholeUpTo ? wholeUpTo : 6,
    getItemKey: (index) => entries[index]?.key ?? index,
  });
  const last = entries.at(-1)?.key;
  const height = rows.getTotalSize();
  /** Where the newest is in view. One that is taller than the list shows its beginning, where its name stands. */
  const endOf = ({ clientHeight, scrollHeight }: HTMLElement) =>
    Math.min(scrollHeight - clientHeight, rows.measurementsCache.at(-1)?.start ?? 0);
  // The newest stays in view for whoever was looking at it. Nobody who reads further up is moved.
  const toEnd = () => {
    const element = scroller.current;
    if (element !== null && isAtEnd.current) element.scrollTop = endOf(element);
  };
  const isNearEnd = (element: HTMLElement) => follows && element.scrollTop > endOf(element) - nearEndPx;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect follows what grew
  useLayoutEffect(toEnd, [last, height]);
  // A row above that gets a line more takes room from this list, which is not drawn again for that.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads what is there at that moment
  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => {
      roomPx.current = element.clientHeight;
      if (isAtEnd.current) toEnd();
      else isAtEnd.current = isNearEnd(element);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      ref={scroller}
      className={follows ? 'timeline-rows' : 'timeline-rows timeline-moving'}
      // No more room is kept free for few rows than they need.
      style={{ '--rows': `${height}px` } as CSSProperties}
      // Reached by the keyboard, as everything that scrolls.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls
      tabIndex={0}
      onScroll={({ currentTarget }) => {
        // Told a moment later: where the room has changed since, nobody chose this place, and the observer comes next.
        if (currentTarget.clientHeight === roomPx.current) isAtEnd.current = isNearEnd(currentTarget);
      }}
    >
      <ul className="virtual timeline-virtual" style={{ height }}>
        {rows.getVirtualItems().map((item) => (
          <li
            key={item.key}
            ref={rows.measureElement}
            data-index={item.index}
            className="virtual-row"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Entry entry={entries[item.index]!} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Entry({ entry }: { readonly entry: TimelineEntry }) {
  return entry.is === 'note' ? <NoteRow note={entry.note} /> : <TransferRow id={entry.view.id} />;
}

/** The sum of several; of a single one its row says the same. */
function QueueSum() {
  const isSum = useApp((state) => state.batch.size > 1);
  return isSum ? <Sum /> : null;
}

function Sum() {
  const { bytes, duration, t } = useStrings();
  const transfers = useApp((state) => state.transfers);
  const batch = useApp((state) => state.batch);
  const byId = useProgress((state) => state.drawn);
  let bytesPerSecond = 0;
  for (const id of batch) bytesPerSecond += byId.get(id)?.smoothBytesPerSecond ?? 0;
  const { bytesDone, bytesTotal, leftMs } = queueOf({ batch, transfers }, { byId, bytesPerSecond });
  const words = [
    t('transfers.queue', { done: bytes(bytesDone), total: bytes(bytesTotal) }),
    ...(leftMs === undefined ? [] : [t('transfer.left', { time: duration(leftMs) })]),
  ];
  return (
    <p
      className="timeline-sum muted small"
      data-testid="queue"
      data-bytes-done={bytesDone}
      data-bytes-total={bytesTotal}
    >
      <FactsLine facts={words} />
    </p>
  );
}
