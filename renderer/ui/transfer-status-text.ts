// How a transfer stands, in a few words: the same in its row, in what is spoken, in notifications and in the history. It
// is never called delivered as a whole when files of it are missing.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { Direction, PauseCause, TransferState, TransferView } from '../../shared/model/transfer.ts';
import type { Strings } from './strings/strings.ts';

/** What another folder may mend: there the person is offered to choose one. */
export const mendedByFolder: ReadonlySet<FaultCode | undefined> = new Set<FaultCode>([
  'disk-denied',
  'disk-gone',
  'disk-read-only',
  'disk-error',
  'disk-full',
  'disk-quota',
  'disk-file-too-large',
  'disk-name-too-long',
  'destination-refused',
]);

export type TransferStatusView = {
  readonly direction: Direction;
  readonly state: TransferState;
  readonly pause?: PauseCause | undefined;
  readonly files: number;
  /** Of these, those that did not make it. */
  readonly missing: number;
  /** Empty folders that could not be made. */
  readonly missingFolders?: number | undefined;
  /** Everything is here; the disk did not take it yet. */
  readonly isReady?: boolean;
  /** It was cancelled, and so many files have their names all the same. */
  readonly inPlace?: number | undefined;
  /** The folder that it is received into, here or there, is away. */
  readonly isAway?: boolean;
  /** Files were offered, and all of them were left out: they are there already. */
  readonly isNeedless?: boolean;
};

export function statusOf(view: TransferView): TransferStatusView {
  const { direction, fault, fileFaultCount, folderFaults, inPlaceCount, pause, state, wantedFiles } = view;
  return {
    direction,
    state,
    pause,
    files: wantedFiles,
    missing: fileFaultCount,
    missingFolders: folderFaults?.count,
    inPlace: inPlaceCount,
    isReady: fault?.code === 'publish-waiting',
    isAway: fault?.code === 'disk-gone',
    isNeedless: isNeedless(view),
  };
}

/** With "skip what is already there", say. */
export function isNeedless({ state, totals, wantedFiles }: TransferView): boolean {
  return state === 'done' && wantedFiles === 0 && totals.files > 0;
}

/** Its list is not read yet, and nothing can be counted. */
export function isUnread({ title, totals }: Pick<TransferView, 'title' | 'totals'>): boolean {
  return title === '' && totals.files === 0 && totals.folders === 0;
}

/** Beside files that did not make it. Of a transfer that was cancelled or failed as a whole nothing is said. */
export function areOthersThere({
  fileFaultCount,
  state,
  wantedFiles,
}: Pick<TransferView, 'fileFaultCount' | 'state' | 'wantedFiles'>): boolean {
  return state === 'done' && fileFaultCount < wantedFiles;
}

/** Beside files that are left out of what is under way. */
export function doOthersGoOn({ fileFaultCount, state, wantedFiles }: TransferView): boolean {
  return (state === 'sending' || state === 'receiving') && fileFaultCount < wantedFiles;
}

export function statusText(standing: TransferStatusView, { t }: Strings): string {
  const { direction, files, inPlace = 0, isAway, isNeedless, isReady, missing, pause, state } = standing;
  const { missingFolders = 0 } = standing;
  if (state === 'done' && missing === 0 && missingFolders > 0) {
    return t(`state.partFolders.${direction}`, { count: missingFolders });
  }
  if (isNeedless) return t('state.needless');
  if (state === 'done' && missing > 0) {
    return missing < files ? t(`state.part.${direction}`, { count: missing }) : t(`state.none.${direction}`);
  }
  if (state === 'cancelled' && inPlace > 0) return t('state.cancelledLate', { count: inPlace });
  if (state === 'paused' && pause === 'disk') {
    const isTheirs = direction === 'send';
    if (isReady) return t(isTheirs ? 'paused.theirReady' : 'paused.ready');
    if (isAway) return t(isTheirs ? 'paused.theirFolder' : 'paused.gone');
    return t(isTheirs ? 'paused.theirDisk' : 'paused.disk');
  }
  if (state === 'paused') return t(pause === undefined ? 'state.paused' : `paused.${pause}`);
  if (state === 'offered' || state === 'done' || state === 'declined') return t(`state.${state}.${direction}`);
  return t(`state.${state}`);
}
