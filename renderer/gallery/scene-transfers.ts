// The transfers that scenes show, as the engine tells of them.

import type { EngineEvent } from '../../engine/commands.ts';
import type { TransferView } from '../../shared/model/transfer.ts';

export const mega = 1_000_000;
/** The one that carries the link. */
export const stageConnection = 1;
export const id = (at: number) => at.toString(16).padStart(32, '0');

export function transfer(at: number, change: Partial<TransferView>): EngineEvent {
  const bytes = 734 * mega;
  const view: TransferView = {
    id: id(at),
    direction: 'send',
    state: 'sending',
    title: 'Holiday in Lisbon',
    totals: { files: 9, folders: 3, bytes },
    wantedBytes: bytes,
    wantedFiles: 9,
    startedAtMs: 0,
    fileFaults: [],
    fileFaultCount: 0,
    skippedCount: 0,
    resumable: true,
    ...change,
  };
  return { is: 'transfer', view };
}

type Counted = readonly [at: number, bytesDone: number, currentPath?: readonly string[]];

export function progress(...counted: readonly Counted[]): EngineEvent {
  return {
    is: 'progress',
    transfers: counted.map(([at, bytesDone, currentPath = ['Day 1', 'tram 28.mp4']]) => ({
      id: id(at),
      bytesDone,
      bytesTotal: 734 * mega,
      filesDone: 3,
      bytesPerSecond: 24 * mega,
      currentPath,
    })),
    lanes: [0, 1, 2, 3].map((lane) => ({ lane: lane + 1, bytesPerSecond: (7 - lane) * mega, bufferedBytes: 0 })),
  };
}

const thesis = transfer(1, {
  state: 'done',
  direction: 'receive',
  title: 'Thesis final (3).pdf',
  totals: { files: 1, folders: 0, bytes: 4 * mega },
  wantedFiles: 1,
  wantedBytes: 4 * mega,
  rootHash: '9f2c'.repeat(16),
});

export const everyTransfer: readonly EngineEvent[] = [
  thesis,
  transfer(2, { state: 'declined', title: 'old-laptop-backup.tar', wantedFiles: 1, wantedBytes: 90_000 * mega }),
  transfer(3, { state: 'failed', direction: 'receive', title: 'music', fault: { code: 'disk-gone' } }),
  transfer(4, {
    state: 'done',
    title: 'projects',
    rootHash: 'ab12'.repeat(16),
    fileFaults: [{ path: ['projects', 'notes.txt'], code: 'source-changed' }],
    fileFaultCount: 1,
  }),
  transfer(5, {
    state: 'paused',
    pause: 'disk',
    direction: 'receive',
    title: 'A film with a name that is much too long to fit into any row at all, whatever the window.mkv',
    fault: { code: 'disk-full', detail: { neededBytes: 8000 * mega, freeBytes: 120 * mega } },
  }),
  transfer(6, { state: 'offered', title: 'recipes', wantedBytes: 2 * mega }),
  transfer(7, { state: 'verifying', direction: 'receive', title: 'photos 2024', wantedBytes: 734 * mega }),
  transfer(8, {}),
  progress([3, 210 * mega], [5, 500 * mega], [7, 734 * mega], [8, 312 * mega]),
];

/** What came to an end without all of its files, and what waits for somebody's disk. */
export const partlyTransfers: readonly EngineEvent[] = [
  transfer(1, {
    state: 'failed',
    title: 'music',
    fault: { code: 'disk-gone' },
    resumable: true,
  }),
  transfer(2, {
    state: 'done',
    direction: 'receive',
    title: 'letter.txt',
    wantedFiles: 1,
    wantedBytes: 0,
    rootHash: '9f2c'.repeat(16),
    fileFaults: [{ path: ['letter.txt'], code: 'source-missing' }],
    fileFaultCount: 1,
  }),
  transfer(3, {
    state: 'done',
    direction: 'receive',
    title: 'Choir recordings',
    wantedFiles: 431,
    rootHash: '9f2c'.repeat(16),
    fileFaults: Array.from({ length: 6 }, (_, at) => ({
      path: ['Choir recordings', 'Requiem', `${at + 1} A long movement of which only the beginning can be told.flac`],
      code: at === 0 ? ('disk-file-too-large' as const) : ('source-unreadable' as const),
    })),
    fileFaultCount: 212,
    skippedCount: 3,
  }),
  transfer(4, {
    state: 'done',
    title: 'projects',
    rootHash: 'ab12'.repeat(16),
    fileFaults: [
      { path: ['projects', 'notes.txt'], code: 'source-changed' },
      { path: ['projects', 'film.mkv'], code: 'disk-file-too-large' },
    ],
    fileFaultCount: 2,
    folderFaults: { count: 1, named: [{ path: ['projects', 'drafts'], code: 'destination-refused' }] },
    skippedCount: 1,
  }),
  {
    is: 'skipped',
    transfer: id(4),
    entries: [{ path: ['projects', 'current'], why: 'symlink' }],
  },
  transfer(5, {
    state: 'paused',
    pause: 'disk',
    title: 'photos 2024',
    fault: { code: 'disk-full', detail: { neededBytes: 8000 * mega, freeBytes: 120 * mega } },
  }),
  transfer(6, {
    state: 'paused',
    pause: 'disk',
    direction: 'receive',
    title: 'backup.tar',
    wantedFiles: 1,
    fault: { code: 'disk-full', detail: { neededBytes: 8000 * mega, freeBytes: 120 * mega } },
  }),
  transfer(7, {
    state: 'done',
    direction: 'receive',
    title: 'seen before',
    wantedFiles: 0,
    wantedBytes: 0,
    rootHash: 'ab12'.repeat(16),
  }),
  transfer(8, { state: 'failed', title: 'letters', fault: { code: 'peer-left' } }),
  { is: 'transfers-left', transfers: [id(8)] },
  progress([1, 210 * mega], [5, 500 * mega], [6, 100 * mega], [8, 40 * mega]),
];

const choir = { files: 31, folders: 2, bytes: 734 * mega };

/** A minute of a film on its way, and what went before it. */
export const sending: readonly EngineEvent[] = [
  thesis,
  transfer(8, {}),
  transfer(9, { direction: 'receive', state: 'receiving', title: 'Choir recordings', totals: choir, wantedFiles: 31 }),
  ...Array.from({ length: 120 }, (_, at) =>
    progress(
      [9, (2.1 * at + 3 * Math.cos(at / 5)) * mega, ['Requiem', '04 Sanctus.flac']],
      [8, (4.1 * at + 9 * Math.sin(at / 7)) * mega],
    ),
  ),
];
