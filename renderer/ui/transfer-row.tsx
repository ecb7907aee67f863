// One transfer: where it stands in words and numbers, and what can be done with it.

import { ArrowDownLeft, ArrowUpRight, BadgeCheck, FolderSearch, Pause, Play, RotateCw, Send, X } from 'lucide-react';
import { createElement, type ReactNode } from 'react';
import type { TransferView } from '../../shared/model/transfer.ts';
import { isOpen } from '../state/app-state.ts';
import type { ProgressView } from '../state/progress-store.ts';
import { useActions, useApp, useProgress, useStrings } from './app-context.tsx';
import { FaultNote } from './fault-note.tsx';
import { Name, Phrase } from './phrase.tsx';
import { SpeedGraph } from './speed-graph.tsx';
import type { Strings } from './strings/strings.ts';
import { FileFaults } from './transfer-faults.tsx';
import { visibleName } from './visible-name.ts';

export function TransferRow({ id }: { readonly id: string }) {
  const view = useApp((state) => state.transfers.get(id));
  const progress = useProgress((state) => state.byId.get(id));
  return view === undefined ? null : <Row view={view} progress={progress} />;
}

function Row({ view, progress }: { readonly view: TransferView; readonly progress: ProgressView | undefined }) {
  const strings = useStrings();
  const { percent, t } = strings;
  const total = view.wantedBytes;
  const done = view.state === 'done' ? total : (progress?.bytesDone ?? 0);
  const fraction = total === 0 ? (view.state === 'done' ? 1 : 0) : done / total;
  const isMoving = view.state === 'sending' || view.state === 'receiving';
  const Arrow = view.direction === 'send' ? ArrowUpRight : ArrowDownLeft;
  return (
    <article
      className="card transfer"
      data-testid="transfer"
      data-id={view.id}
      data-direction={view.direction}
      data-state={view.state}
      data-pause={view.pause}
      data-bytes-done={done}
      data-bytes-total={total}
      aria-label={visibleName(view.title)}
    >
      <div className="transfer-top">
        <span className="direction" role="img" aria-label={t(`transfer.${view.direction}`)}>
          <Arrow aria-hidden size={18} />
        </span>
        <span className="transfer-title" title={visibleName(view.title)}>
          <Name text={view.title} className="strong" />
          <span className="muted small"> {t('offer.files', { count: view.wantedFiles })}</span>
        </span>
        <span className="state" data-state={view.state}>
          {stateWords(view, strings)}
        </span>
        {view.rootHash !== undefined && view.state === 'done' && (
          <span className="verified" data-testid="verified" title={t('transfer.hash', { hash: view.rootHash })}>
            <BadgeCheck aria-hidden size={16} /> <span className="verified-word">{t('transfer.verified')}</span>
          </span>
        )}
      </div>
      <div
        className="bar"
        role="progressbar"
        aria-label={t('transfer.progress', { name: visibleName(view.title) })}
        aria-valuenow={Math.floor(fraction * 100)}
        aria-valuetext={percent(fraction)}
      >
        <span style={{ inlineSize: `${fraction * 100}%` }} />
      </div>
      <div className="transfer-line">
        <Numbers view={view} progress={progress} done={done} total={total} />
        {isMoving && <SpeedGraph points={progress?.graph ?? []} />}
        <Buttons view={view} />
      </div>
      {isMoving && view.wantedFiles > 1 && (
        <p className="current muted small">
          {progress?.currentPath !== undefined && (
            <Phrase of="transfer.now" parts={{ name: <Name text={progress.currentPath.join(' / ')} /> }} />
          )}
        </p>
      )}
      {view.fault !== undefined && <FaultNote fault={view.fault} handle="transfer-fault" />}
      <FileFaults view={view} />
    </article>
  );
}

function stateWords({ direction, pause, state }: TransferView, { t }: Strings): string {
  if (state === 'paused') return t(pause === undefined ? 'state.paused' : `paused.${pause}`);
  if (state === 'offered' || state === 'done' || state === 'declined') return t(`state.${state}.${direction}`);
  return t(`state.${state}`);
}

function Numbers({
  view,
  progress,
  done,
  total,
}: {
  readonly view: TransferView;
  readonly progress: ProgressView | undefined;
  readonly done: number;
  readonly total: number;
}) {
  const { bytes, duration, percent, t } = useStrings();
  const isMoving = view.state === 'sending' || view.state === 'receiving';
  const isOver = view.state === 'done' || view.state === 'declined' || view.state === 'offered';
  const words = isOver
    ? [bytes(total)]
    : [percent(total === 0 ? 0 : done / total), t('transfer.bytes', { done: bytes(done), total: bytes(total) })];
  if (isMoving && progress?.isStill === true) words.push(t('transfer.still'));
  else if (isMoving && progress !== undefined && progress.smoothBytesPerSecond >= 1) {
    words.push(t('transfer.perSecond', { size: bytes(Math.round(progress.smoothBytesPerSecond)) }));
    if (progress.leftMs !== undefined) {
      words.push(progress.leftMs < 2000 ? t('transfer.soon') : t('transfer.left', { time: duration(progress.leftMs) }));
    }
  }
  // Their places never change, so they need no keys.
  const pieces = words.flatMap((word, at) => [
    createElement('span', { className: 'whole' }, at < words.length - 1 ? `${word} ·` : word),
    ' ',
  ]);
  return createElement('p', { className: 'numbers small' }, ...pieces);
}

function Buttons({ view }: { readonly view: TransferView }) {
  const { t } = useStrings();
  const { forget, reveal, sendAgain, steer } = useActions();
  const { direction, id, pause, resumable, state } = view;
  const canSendAgain = useApp((app) => isOpen(app.session) && app.sent.has(id));
  const canPause = state === 'sending' || state === 'receiving' || state === 'waiting';
  const canResume = state === 'paused' && pause !== 'link' && pause !== 'peer';
  const isOver = state === 'done' || state === 'declined' || state === 'cancelled' || state === 'failed';
  // The receive prompt above asks; a second way to say no would only puzzle.
  const isAsked = state === 'offered' && direction === 'receive';
  return (
    <div className="row buttons">
      {canPause && (
        <Act
          handle="pause"
          icon={<Pause aria-hidden size={16} />}
          label={t('transfer.pause')}
          onClick={() => steer('pause', id)}
        />
      )}
      {canResume && (
        <Act
          handle="resume"
          icon={<Play aria-hidden size={16} />}
          label={t('transfer.resume')}
          onClick={() => steer('resume', id)}
        />
      )}
      {state === 'failed' && resumable && (
        <Act
          handle="retry"
          icon={<RotateCw aria-hidden size={16} />}
          label={t('transfer.retry')}
          onClick={() => steer('retry', id)}
        />
      )}
      {isOver && canSendAgain && !(state === 'failed' && resumable) && (
        <Act
          handle="send-again"
          icon={<Send aria-hidden size={16} />}
          label={t('transfer.again')}
          onClick={() => void sendAgain(id)}
        />
      )}
      {state === 'done' && direction === 'receive' && (
        <Act
          handle="show-in-folder"
          icon={<FolderSearch aria-hidden size={16} />}
          label={t('transfer.reveal')}
          onClick={() => void reveal(id)}
        />
      )}
      {isOver ? (
        <Act
          handle="forget"
          icon={<X aria-hidden size={16} />}
          label={t('transfer.forget')}
          bare
          onClick={() => forget(id)}
        />
      ) : isAsked ? null : (
        <Act
          handle="cancel"
          icon={<X aria-hidden size={16} />}
          label={t('transfer.cancel')}
          onClick={() => steer('cancel', id)}
        />
      )}
    </div>
  );
}

function Act({
  handle,
  icon,
  label,
  bare = false,
  onClick,
}: {
  readonly handle: string;
  readonly icon: ReactNode;
  readonly label: string;
  readonly bare?: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      className={bare ? 'icon-button' : 'small-button'}
      data-testid={handle}
      aria-label={label}
      title={bare ? label : undefined}
      onClick={onClick}
    >
      {icon} {!bare && <span>{label}</span>}
    </button>
  );
}
