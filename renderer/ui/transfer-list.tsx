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

/** The sum of several; of a single one its row says the same. */
function Queue() {
  const isSum = useApp((state) => state.batch.size > 1);
  return isSum ? <QueueSum /> : null;
}

function QueueSum() {
  const { bytes, duration, t } = useStrings();
  const transfers = useApp((state) => state.transfers);
  const batch = useApp((state) => state.batch);
  const byId = useProgress((state) => state.drawn);
  let bytesPerSecond = 0;
  for (const id of batch) bytesPerSecond += byId.get(id)?.smoothBytesPerSecond ?? 0;
  const { bytesDone, bytesTotal, leftMs } = queueOf({ batch, transfers }, { byId, bytesPerSecond });
  const words = [
    t('transfers.queue', { done: bytes(bytesDone), total: bytes(bytesTotal) }),
    ...(bytesPerSecond > 1 ? [t('transfer.perSecond', { size: bytes(bytesPerSecond) })] : []),
    ...(leftMs === undefined ? [] : [t('transfer.left', { time: duration(leftMs) })]),
  ];
  return (
    <p className="muted small" data-testid="queue" data-bytes-done={bytesDone} data-bytes-total={bytesTotal}>
      {words.join(' · ')}
    </p>
  );
}
