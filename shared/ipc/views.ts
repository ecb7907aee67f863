// What passes over the bridge, as both sides see it. Shapes only; the calls that carry them are in contract.ts.

import type { FaultCode, FaultView } from '../model/fault.ts';
import type { ManifestTotals, Selection } from '../model/manifest.ts';
import type { RouterView } from '../model/router-view.ts';
import type { EntryFault, TransferState } from '../model/transfer.ts';
import type { Settings } from './settings.ts';

export const conflictPolicies = ['keep-both', 'replace', 'skip'] as const;
export type ConflictPolicy = (typeof conflictPolicies)[number];

/** Something the person put down to be sent and that the host can read: one file or one folder. */
export type HostItem = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Known at once for a file; a folder is counted when it is offered. */
  readonly sizeBytes?: number;
};

/** To a drop. What main throws would lose its code on the way to the page. */
export type DropAnswer = readonly HostItem[] | FaultView;

/** The page may hear of one twice, by its facts and by an event: the number says so. */
export type PickRequest = { readonly kind: 'files' | 'folder'; readonly nth: number };

export type AppFacts = {
  readonly version: string;
  readonly shell: 'electron' | 'browser' | 'guest';
  readonly platform: string;
  readonly settings: Settings;
  readonly staged: readonly HostItem[];
  /** A native dialog can pick what is sent. Where it cannot, the page uses its own inputs. */
  readonly dialogs: boolean;
  /** A native dialog can pick where to save. Where it cannot, everything is saved to the download folder. */
  readonly folderDialog: boolean;
  /** The last `tincan:` link: it may have come before there was a page to tell of it. */
  readonly codeLink?: string;
  /** What the shell was asked to send before there was a page. */
  readonly pick?: PickRequest;
  /** The remembered computer whose link nobody ended before this page began. */
  readonly lastPeer?: string;
  readonly router: RouterView;
  /** The addresses of this computer on each of its networks, as of now. */
  readonly networks?: readonly (readonly string[])[];
};

/** The guest page, as a phone on this network finds it. */
export type PhonePageView = {
  /** For the phone's camera, with the invite in its fragment, which is not sent. */
  readonly address: string;
  readonly closesAtMs: number;
};

/** `answered`: a reply came. `crowded`: it was loaded more often than any phone does. */
export type PhonePageEnd = 'time' | 'answered' | 'crowded';

export type DestinationView = {
  readonly id: string;
  readonly label: string;
  readonly freeBytes: number;
  /** Other accounts of this computer can rename and replace what lies in it. */
  readonly isShared?: true;
};

export type NameFlag = 'renamed' | 'hidden' | 'executable-kind' | 'double-extension' | 'exists' | 'cannot-store';

/** A row of the receive prompt. `path` is what it will be called here; `sentAs` is there when that differs (already escaped). */
export type OfferRow = {
  readonly index: number;
  readonly kind: 'file' | 'folder';
  readonly path: readonly string[];
  readonly size: number;
  readonly sentAs?: string;
  readonly flags: readonly NameFlag[];
};

/** What the host makes of a whole offer once every manifest part is in. */
export type OfferPlan = {
  /** SHA-256 of the list that it is made of, in hex: a sender may take an offer back and make another one of the same name. */
  readonly manifestDigest: string;
  readonly totals: ManifestTotals;
  readonly title: string;
  readonly destination: DestinationView;
  /** Total bytes plus reserve against free space. */
  readonly fits: boolean;
  readonly neededBytes: number;
  readonly renamed: number;
  readonly existing: number;
  readonly flagged: number;
  /** Entries that can never be stored here (path too long, say); they are left out of any selection. */
  readonly refused: readonly { readonly index: number; readonly code: FaultCode }[];
};

export type UnfinishedView = {
  readonly id: string;
  readonly direction: 'send' | 'receive';
  readonly title: string;
  readonly peerName: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly files: number;
  readonly updatedAtMs: number;
  /** Everything arrived and was checked; it only has to be put in place, which needs nobody else. */
  readonly isReady?: true;
};

/** A computer that both sides agreed to remember. Its secret stays in the host. */
export type RememberedPeerView = {
  readonly id: string;
  readonly name: string;
  readonly seenAtMs: number;
  readonly blocked: boolean;
  /** What comes from it is accepted without asking, up to this size. */
  readonly acceptMaxBytes?: number;
  /** Where that goes, where it is not the download folder. */
  readonly acceptDir?: string;
};

export type HistoryItem = {
  readonly id: string;
  readonly direction: 'send' | 'receive';
  readonly title: string;
  readonly peerName: string;
  readonly checked: boolean;
  readonly bytes: number;
  readonly files: number;
  /** Of these, those that did not make it, although the rest did. */
  readonly missing?: number;
  /** Empty folders that could not be made. */
  readonly missingFolders?: number;
  readonly state: TransferState;
  readonly endedAtMs: number;
  readonly rootHash?: string;
  readonly canReveal: boolean;
  /** A note, and no transfer: the beginning of it where it is long. */
  readonly note?: string;
};

/** What the host knows of an outgoing transfer kept from an earlier link. */
export type SendRecord = {
  readonly id: string;
  readonly secret: string;
  readonly title: string;
  readonly peerName: string;
  readonly totals: ManifestTotals;
  /** Present once the receiver chose. */
  readonly selection?: Selection;
  /** The hash over what was chosen, once the receiver was told it. */
  readonly root?: string;
};

export type ReceiveRecord = {
  readonly id: string;
  readonly secret: string;
  readonly title: string;
  readonly peerName: string;
  readonly totals: ManifestTotals;
  readonly selection: Selection;
  readonly manifestDigest: string;
  /** Present once everything is in place: only the other side has not heard of it. */
  readonly published?: {
    readonly root: string;
    /** Files that were chosen. */
    readonly files: number;
    readonly faults: readonly EntryFault[];
  };
};
