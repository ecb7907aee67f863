// Everything on its way, both directions, newest first, and the sum of it. Rows out of view do not exist.

import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { queueOf } from '../state/queue.ts';
import { useApp, useProgress, useStrings } from './app-context.tsx';
import { TransferRow } from './transfer-row.tsx';

const rowPx = 128;
/** Short lists are drawn whole, so that finding something in the page finds it. */
const wholeUpTo = 30;

export function TransferList() {
  const { t } = useStrings();
  const order = useApp((state) => state.order);
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  const isShown = order.length > 0;
  useLayoutEffect(() => {
    if (isShown) setOffset(list.current?.offsetTop ?? 0);
  }, [isShown]);
  const rows = useWindowVirtualizer({
    count: order.length,
    estimateSize: () => rowPx,
    overscan: order.length <= wholeUpTo ? wholeUpTo : 6,
    scrollMargin: offset,
    getItemKey: (index) => order[index] ?? index,
  });
  if (!isShown) return null;
  return (
    <section className="transfers" aria-labelledby="transfers-title">
      <header className="card-head">
        <h2 id="transfers-title">{t('transfers.title')}</h2>
        <Queue />
      </header>
      <ul ref={list} className="virtual" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <li
            key={item.key}
            ref={rows.measureElement}
            data-index={item.index}
            className="virtual-row"
            style={{ transform: `translateY(${item.start - offset}px)` }}
          >
            <TransferRow id={order[item.index]!} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Queue() {
  const { bytes, duration, t } = useStrings();
  const transfers = useApp((state) => state.transfers);
  const batch = useApp((state) => state.batch);
  const counters = useProgress((state) => state);
  const { bytesDone, bytesTotal, leftMs } = queueOf({ batch, transfers }, counters);
  if (bytesTotal === 0) return null;
  return (
    <p className="muted small" data-testid="queue" data-bytes-done={bytesDone} data-bytes-total={bytesTotal}>
      {t('transfers.queue', { done: bytes(bytesDone), total: bytes(bytesTotal) })}
      {counters.bytesPerSecond > 1 && ` · ${t('transfer.perSecond', { size: bytes(counters.bytesPerSecond) })}`}
      {leftMs !== undefined && ` · ${t('transfer.left', { time: duration(leftMs) })}`}
    </p>
  );
}
