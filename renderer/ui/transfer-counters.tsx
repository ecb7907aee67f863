// The parts of a transfer's row that change several times a second. Each watches only what it draws.

import type { DragEvent, ReactNode } from 'react';
import type { TransferView } from '../../shared/model/transfer.ts';
import type { ProgressView } from '../state/progress-store.ts';
import { useProgress, useStrings } from './app-context.tsx';
import { FactsLine } from './facts-line.tsx';
import { Name, Phrase } from './phrase.tsx';
import { roundTo2 } from './round.ts';
import type { Strings } from './strings/strings.ts';
import { isNeedless } from './transfer-status-text.ts';
import { visibleName } from './visible-name.ts';

type Viewed = { readonly view: TransferView };
export type DragOut = (event: DragEvent) => void;

/** What asks for its count (tests do) gets every one: an attribute that no style looks at costs no frame. */
export function CountedArticle({
  view,
  drag,
  children,
}: Viewed & { readonly drag: DragOut | undefined; readonly children: ReactNode }) {
  const counted = useProgress(({ byId }) => byId.get(view.id)?.bytesDone ?? 0);
  return (
    <article
      className="transfer"
      data-testid="transfer"
      data-id={view.id}
      data-direction={view.direction}
      data-state={view.state}
      data-pause={view.pause}
      data-bytes-done={view.state === 'done' ? view.wantedBytes : counted}
      data-bytes-total={view.wantedBytes}
      aria-label={visibleName(view.title)}
      aria-describedby={`state-${view.id}`}
      // The focus comes here from a button that is gone.
      tabIndex={-1}
      draggable={drag !== undefined}
      onDragStart={drag}
    >
      {children}
    </article>
  );
}

export function ProgressBar({ view }: Viewed) {
  const { percent, t } = useStrings();
  const fraction = fractionOf(view, useBytesShown(view));
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={t('transfer.progress', { name: visibleName(view.title) })}
      aria-valuenow={Math.floor(fraction * 100)}
      aria-valuetext={percent(fraction)}
    >
      <span style={{ inlineSize: `${(fraction * 100).toFixed(1)}%` }} />
    </div>
  );
}

export function Numbers({ view }: Viewed) {
  const strings = useStrings();
  const done = useBytesShown(view);
  const progress = useProgress(({ drawn }) => drawn.get(view.id));
  const isMoving = view.state === 'sending' || view.state === 'receiving';
  const files = isMoving && view.wantedFiles >= countFilesFrom ? fileWords(view, progress, strings) : [];
  const words = [...amountWords(view, done, strings), ...files, ...(isMoving ? speedWords(progress, strings) : [])];
  // Lines break between the words, not inside.
  return (
    <p className="numbers small">
      <FactsLine facts={words.map((word) => word.replaceAll(' ', '\u00a0'))} />
    </p>
  );
}

function amountWords(view: TransferView, done: number, { bytes, percent, t }: Strings): string[] {
  if (isNeedless(view)) return [];
  const total = bytes(view.wantedBytes);
  if (view.state === 'done' && view.fileFaultCount > 0) {
    const arrived = Math.max(0, view.wantedFiles - view.fileFaultCount);
    return [t('transfer.arrived', { arrived, total: view.wantedFiles })];
  }
  const isAllSaid = view.state === 'done' || view.state === 'declined' || view.state === 'offered';
  if (isAllSaid) return [total];
  return [percent(fractionOf(view, done)), t('transfer.bytes', { done: bytes(done), total })];
}

/** Bytes say little about many small files. */
const countFilesFrom = 100;

function fileWords(view: TransferView, progress: ProgressView | undefined, { t }: Strings): string[] {
  const filesDone = progress?.filesDone ?? 0;
  return filesDone === 0 ? [] : [t('transfer.filesDone', { done: filesDone, count: view.wantedFiles })];
}

function speedWords(progress: ProgressView | undefined, { bytes, duration, t }: Strings): string[] {
  if (progress?.isStill === true) return [t('transfer.still')];
  if (progress === undefined || progress.smoothBytesPerSecond < 1) return [];
  const speed = t('transfer.perSecond', { size: bytes(roundTo2(progress.smoothBytesPerSecond)) });
  const { leftMs } = progress;
  if (leftMs === undefined) return [speed];
  return [speed, leftMs < 2000 ? t('transfer.soon') : t('transfer.left', { time: duration(leftMs) })];
}

export function CurrentFile({ view: { direction, id, pause, state } }: Viewed) {
  const name = useProgress(({ drawn }) => drawn.get(id)?.currentPath?.join(' / '));
  // Of what came over an earlier link, the list is not here: bytes come, and no name.
  const isNameless = useProgress(({ drawn }) => (drawn.get(id)?.smoothBytesPerSecond ?? 0) >= 1) && name === undefined;
  const isMoving = state === 'sending' || state === 'receiving';
  // Where somebody pauses it, or the connection is away, what is below it stays where it is.
  const isResting = state === 'paused' && pause !== 'disk' && name !== undefined;
  if (!isMoving && !isResting) return null;
  if (direction === 'receive' && isNameless) return null;
  return (
    <p className="current muted small">
      {name !== undefined && <Phrase of="transfer.now" parts={{ name: <Name text={name} /> }} />}
    </p>
  );
}

function useBytesShown({ id, state, wantedBytes }: TransferView): number {
  return useProgress(({ drawn }) => (state === 'done' ? wantedBytes : (drawn.get(id)?.bytesDone ?? 0)));
}

function fractionOf({ state, wantedBytes }: TransferView, done: number): number {
  if (wantedBytes === 0) return state === 'done' ? 1 : 0;
  return done / wantedBytes;
}
