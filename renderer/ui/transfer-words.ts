// How a transfer stands, in a few words: the same in its row, in what is spoken, in notifications and in the history. It
// is never called delivered as a whole when files of it are missing.

import type { Direction, PauseCause, TransferState, TransferView } from '../../shared/model/transfer.ts';
import type { Strings } from './strings/strings.ts';

export type Standing = {
  readonly direction: Direction;
  readonly state: TransferState;
  readonly pause?: PauseCause | undefined;
  readonly files: number;
  /** Of these, those that did not make it. */
  readonly missing: number;
};

export function standingOf({ direction, fileFaultCount, pause, state, wantedFiles }: TransferView): Standing {
  return { direction, state, pause, files: wantedFiles, missing: fileFaultCount };
}

export function standingWords({ direction, files, missing, pause, state }: Standing, { t }: Strings): string {
  if (state === 'done' && missing > 0) {
    return missing < files ? t(`state.part.${direction}`, { count: missing }) : t(`state.none.${direction}`);
  }
  if (state === 'paused' && pause === 'disk' && direction === 'send') return t('paused.theirDisk');
  if (state === 'paused') return t(pause === undefined ? 'state.paused' : `paused.${pause}`);
  if (state === 'offered' || state === 'done' || state === 'declined') return t(`state.${state}.${direction}`);
  return t(`state.${state}`);
}
