// Transfers of earlier links that can still go on.

import { ArrowDownLeft, ArrowUpRight } from 'lucide-react';
import { Fragment } from 'react';
import type { UnfinishedView } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { Name, Phrase } from './phrase.tsx';
import { isUndoneInList, UndoRemoval } from './undo-removal.tsx';
import { unlessDouble } from './unless-double.ts';

export function UnfinishedLines() {
  const { t } = useStrings();
  const all = useApp((state) => state.unfinished);
  const removed = useApp(({ removal }) => (removal?.is === 'unfinished' ? removal.id : undefined));
  const isUndoHere = useApp(isUndoneInList);
  const shown = isUndoHere ? all : all.filter(({ id }) => id !== removed);
  if (shown.length === 0) return null;
  return (
    <section className="card activity" aria-label={t('unfinished.title')}>
      <ul>
        {shown.map((item) =>
          item.id === removed ? (
            <li key={item.id} className="line" data-id={item.id}>
              <UndoRemoval name={item.title} />
            </li>
          ) : (
            <Line key={item.id} item={item} />
          ),
        )}
      </ul>
    </section>
  );
}

function Line({ item }: { readonly item: UnfinishedView }) {
  const { bytes, t } = useStrings();
  const { publishUnfinished, remove } = useActions();
  const isAtWork = useApp(({ atWork }) => atWork.has(item.id));
  return (
    // The focus comes here from the button that took it back.
    <li className="line" data-testid="unfinished" data-id={item.id} tabIndex={-1}>
      {item.direction === 'send' ? <ArrowUpRight aria-hidden size={18} /> : <ArrowDownLeft aria-hidden size={18} />}
      <span className="grow small">
        <Name text={item.title} className="strong" />{' '}
        <span className="muted">
          <FactsLine
            facts={[
              <Phrase
                key="peer"
                of={`unfinished.${item.direction}`}
                parts={{ name: <Name text={item.peerName} max={64} /> }}
              />,
              t('transfer.bytes', { done: bytes(item.bytesDone), total: bytes(item.bytesTotal) }),
              <Fragment key="next">
                {!item.isReady && <Cause id={item.id} />}
                {t(nextOf(item))}
              </Fragment>,
            ]}
          />
        </span>
      </span>
      {item.isReady && (
        <button
          type="button"
          className="small-button"
          data-testid="publish"
          // Keeps the focus.
          aria-disabled={isAtWork}
          onClick={() => void publishUnfinished(item.id)}
        >
          {t(isAtWork ? 'unfinished.publishing' : 'unfinished.publish')}
        </button>
      )}
      <button
        type="button"
        className="small-button"
        data-testid="discard"
        onClick={unlessDouble(() => remove({ is: 'unfinished', id: item.id }))}
      >
        {t('unfinished.discard')}
      </button>
    </li>
  );
}

/** Files that were chosen in a page over there are gone with it; whether they were, nobody here knows. */
function nextOf({ direction, isReady }: UnfinishedView) {
  if (isReady) return 'unfinished.ready';
  return direction === 'send' ? 'unfinished.help' : 'unfinished.helpReceive';
}

/** Why it stopped, where this page saw it. */
function Cause({ id }: { readonly id: string }) {
  const { fault: sentenceOf, gap, t } = useStrings();
  const cause = useApp((state) => state.causes.get(id));
  const view = useApp((state) => state.transfers.get(id));
  if (cause !== undefined) return t(`fault.ended.${cause}`) + gap;
  return view?.fault === undefined ? null : sentenceOf(view.fault.code, view.direction).happened + gap;
}
