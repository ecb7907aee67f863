// What to do about a folder in a shell that has no dialog to choose another one: there no button offers it, and no sentence
// may advise it.

import type { FaultCode } from '../../shared/model/fault.ts';
import type { Direction } from '../../shared/model/transfer.ts';
import type { AppState } from '../state/app-state.ts';
import type { StringKey } from './strings/strings.ts';

type Shell = Pick<AppState['facts'], 'folderDialog' | 'shell'>;

/** What the person can put right in the folder that it is. */
const usable: ReadonlySet<FaultCode> = new Set<FaultCode>(['disk-denied', 'disk-gone', 'disk-read-only']);
/** What only another folder helps against. */
const unusable: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'disk-file-too-large',
  'disk-name-too-long',
  'destination-refused',
]);

/** A guest page saves by the browser's own dialogs. */
export function hasFixedFolder({ folderDialog, shell }: Shell): boolean {
  return !folderDialog && shell !== 'guest';
}

/** In place of what the fault itself says is to be done. Nothing where that holds. `seenFrom`: of a transfer in that direction. */
export function fixedFolderAdvice(code: FaultCode, shell: Shell, seenFrom?: Direction): StringKey | undefined {
  // The folder of a sender is the other side's.
  if (!hasFixedFolder(shell) || seenFrom === 'send') return undefined;
  if (usable.has(code)) return 'fixedFolder.mend';
  return unusable.has(code) ? 'fixedFolder.other' : undefined;
}
