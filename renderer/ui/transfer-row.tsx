// One transfer: where it stands in words and numbers, and what can be done with it. What changes several times a second
// draws itself (transfer-counters.tsx); all else stands still until the transfer's state changes.

import { ArrowDownLeft, ArrowUpRight, BadgeCheck } from 'lucide-react';
import { memo } from 'react';
import type { TransferView } from '../../shared/model/transfer.ts';
import { isLeftBehind } from '../state/app-state.ts';
import { useActions, useApp, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { hasFixedFolder } from './folder-advice.ts';
import { FileName } from './phrase.tsx';
import type { Strings } from './strings/strings.ts';
import { ThumbnailStrip } from './thumbnail.tsx';
import { hasArrived, TransferButtons } from './transfer-buttons.tsx';
import { CountedArticle, CurrentFile, type DragOut, Numbers, ProgressBar } from './transfer-counters.tsx';
import { FileFaults } from './transfer-faults.tsx';
import { isNeedless, isUnread, statusOf, statusText } from './transfer-status-text.ts';
import { visibleName } from './visible-name.ts';

type ShownFault = NonNullable<TransferView['fault']>;

export const TransferRow = memo(({ id }: { readonly id: string }) => {
  const view = useApp((state) => state.transfers.get(id));
  const kept = useApp(({ unfinished }) => unfinished.find((item) => item.id === id)?.title);
  if (view === undefined) return null;
  // Of what is taken up again the name is known before its list is read.
  return (
    <Row view={isUnread(view) && kept !== undefined ? { ...view, title: kept } : view} isCounted={!isUnread(view)} />
  );
});

function Row({ view, isCounted }: { readonly view: TransferView; readonly isCounted: boolean }) {
  const drag = useDragOut(view);
  return (
    <CountedArticle view={view} drag={drag}>
      <Direction view={view} />
      <div className="transfer-main">
        <Top view={view} isCounted={isCounted} />
        <ProgressBar view={view} />
        {isCounted && <Numbers view={view} />}
      </div>
      <TransferButtons view={view} />
      {view.wantedFiles > 1 && <CurrentFile view={view} />}
      {view.fault !== undefined && <TransferFault view={view} fault={view.fault} />}
      <FileFaults view={view} />
    </CountedArticle>
  );
}

/** What has arrived is dragged out of its row, where the desktop can take it. */
function useDragOut(view: TransferView): DragOut | undefined {
  const { dragOut } = useActions();
  if (dragOut === undefined || !hasArrived(view)) return undefined;
  return (event) => {
    // The page's own dragging would carry text.
    event.preventDefault();
    dragOut(view.id);
  };
}

function Direction({ view: { direction, id } }: { readonly view: TransferView }) {
  const { t } = useStrings();
  const Arrow = direction === 'send' ? ArrowUpRight : ArrowDownLeft;
  return (
    <span className="direction" role="img" aria-label={t(`transfer.${direction}`)}>
      <Arrow aria-hidden size={20} />
      <ThumbnailStrip transfer={id} max={1} sidePx={36} />
    </span>
  );
}

function Top({ view, isCounted }: { readonly view: TransferView; readonly isCounted: boolean }) {
  const strings = useStrings();
  const { t } = strings;
  const isPartly = view.fileFaultCount > 0 || view.folderFaults !== undefined;
  const isCancelling = useApp(({ cancelling }) => cancelling.has(view.id));
  return (
    <div className="transfer-top">
      <span className="transfer-title" title={visibleName(view.title)}>
        <FileName text={view.title} className="strong" />
        <Automatic id={view.id} />
        {isCounted && view.totals.files !== 1 && !isNeedless(view) && (
          <span className="muted small"> {filesOf(view, t)}</span>
        )}
      </span>
      <span className="transfer-state" id={`state-${view.id}`}>
        <span className="state" data-state={view.state} data-partly={isPartly || undefined}>
          {isCancelling ? t('transfer.cancelling') : statusText(statusOf(view), strings)}
        </span>
        {view.rootHash !== undefined && view.state === 'done' && !isPartly && !isNeedless(view) && (
          <span className="verified" data-testid="verified" title={t('transfer.hash', { hash: view.rootHash })}>
            <BadgeCheck aria-hidden size={16} /> <span className="verified-word">{t('transfer.verified')}</span>
          </span>
        )}
      </span>
    </div>
  );
}

function Automatic({ id }: { readonly id: string }) {
  const { t } = useStrings();
  const isAutomatic = useApp((state) => state.automatic.has(id));
  return isAutomatic ? (
    <span className="muted small" data-testid="automatic">
      {' '}
      {t('transfer.automatic')}
    </span>
  ) : null;
}

/** Both sides say the same when only some were chosen. */
function filesOf({ totals, wantedFiles }: TransferView, t: Strings['t']): string {
  if (wantedFiles === totals.files) return t('offer.files', { count: wantedFiles });
  return t('transfer.chosen', { count: totals.files, chosen: wantedFiles });
}

/** What stopped it, and what happens without anybody's doing: who waits for room on a disk need not watch it. */
function TransferFault({ view, fault }: { readonly view: TransferView; readonly fault: ShownFault }) {
  const { t } = useStrings();
  const { direction, pause, resumable, state } = view;
  // Not taken up on this link so far, and perhaps discarded over there.
  const isLeft = useApp((app) => isLeftBehind(app, view.id)) && state === 'failed' && resumable;
  const cause = useApp(({ causes }) => causes.get(view.id));
  const happened = fault.code === 'peer-left' && cause !== undefined ? t(`fault.ended.${cause}`) : undefined;
  const isPaused = state === 'paused' && pause === 'disk';
  const isAway = isPaused && fault.code === 'disk-gone';
  const isReady = isPaused && fault.code === 'publish-waiting';
  const isFixed = useApp(({ facts }) => hasFixedFolder(facts));
  const goneKept = isFixed ? 'fixedFolder.goneKept' : 'paused.goneKept';
  const waiting = isAway
    ? t(direction === 'send' ? 'paused.theirFolderKept' : goneKept)
    : isReady && direction === 'send'
      ? t('paused.theirAgain')
      : undefined;
  const instead = isLeft ? t(`fault.leftOver.${direction}`) : waiting;
  return (
    <FaultNote fault={fault} handle="transfer-fault" seenFrom={direction} happened={happened} instead={instead}>
      {isPaused && waiting === undefined && t(isReady ? 'paused.again' : `paused.room.${direction}`)}
    </FaultNote>
  );
}
