// Everything the screens are drawn from, except counters that change many times a second (progress-store.ts).

import type { Settings } from '../../shared/ipc/settings.ts';
import type {
  AppFacts,
  ConflictPolicy,
  HistoryItem,
  OfferPlan,
  PhonePageEnd,
  PhonePageView,
  RememberedPeerView,
  UnfinishedView,
} from '../../shared/ipc/views.ts';
import type { FaultView } from '../../shared/model/fault.ts';
import type { LinkView, PeerView } from '../../shared/model/link-view.ts';
import type { SkippedEntry } from '../../shared/model/manifest.ts';
import type { NetworkView } from '../../shared/model/network-view.ts';
import type { RouterView } from '../../shared/model/router-view.ts';
import type { ServerEntry, ServerListProblem, ServerProblem } from '../../shared/model/server-entry.ts';
import type { FirewallAt, TransferId, TransferView } from '../../shared/model/transfer.ts';
import type { OfferTree, Ticks } from './offer-tree.ts';
import type { OutboxItem } from './outbox-item.ts';
import type { CutByReload, ServerTestView } from './ports.ts';
import type { ThumbnailsOf } from './thumbnails.ts';

/** The field that takes the other side's code. */
export type CodeEntry =
  | { readonly at: 'idle'; readonly text: string }
  | { readonly at: 'taking'; readonly text: string }
  | { readonly at: 'refused'; readonly text: string; readonly fault: FaultView }
  /** Asked for without a code in the field, and there is none on the clipboard that may be read. */
  | { readonly at: 'nothing-there'; readonly text: '' };

export type OfferListing =
  | { readonly at: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly at: 'ready'; readonly tree: OfferTree; readonly ticks: Ticks; readonly closed: ReadonlySet<number> }
  | { readonly at: 'failed'; readonly fault: FaultView };

export type OfferPrompt = {
  readonly transfer: TransferId;
  readonly plan: OfferPlan;
  readonly listing: OfferListing;
  readonly conflict: ConflictPolicy;
  readonly answer:
    | { readonly at: 'open' }
    | { readonly at: 'sent' }
    | { readonly at: 'failed'; readonly fault: FaultView };
};

export type TextNote = {
  readonly key: number;
  readonly text: string;
  readonly fromPeer: boolean;
  readonly atMs: number;
  /** The engine's name for one of ours. */
  readonly note?: string;
  /** Of ours: it was given back, and the person can still have it. */
  readonly isUnsent?: true;
};

export type Toast = {
  readonly key: number;
  readonly say:
    | { readonly is: 'fault'; readonly fault: FaultView }
    /** Sending these cannot go on, or does not begin: this page was loaded again, and the one before it held their files. */
    | ({ readonly is: 'cut' } & CutByReload)
    /** Of what was put down, what the host could not look at. */
    | { readonly is: 'left-out'; readonly names: readonly string[] }
    | { readonly is: 'copied' }
    | { readonly is: 'saved' }
    | { readonly is: 'nothing-copied' }
    | { readonly is: 'near-delivered' }
    | { readonly is: 'near-arrived' }
    | { readonly is: 'remember-declined' }
    | { readonly is: 'remember-unkept' };
};

export type Panel =
  | 'none'
  | 'settings'
  | 'history'
  | 'diagnostics'
  | 'shortcuts'
  | 'about'
  | 'full-code'
  | 'open-file'
  | 'save-guest'
  | 'phone';

/** "Connect a phone": the guest page, served on this network while its panel is open. */
export type PhoneView =
  | { readonly at: 'closed'; readonly why?: PhonePageEnd }
  | { readonly at: 'opening' }
  | ({ readonly at: 'open' } & PhonePageView)
  | { readonly at: 'failed'; readonly fault: FaultView };

export type ServerTest = { readonly at: 'testing' } | { readonly at: 'told'; readonly view: ServerTestView };

/** What became of the last change to the list of servers. */
export type ServerNews =
  | { readonly at: 'quiet' }
  | { readonly at: 'refused'; readonly problem: ServerProblem }
  | { readonly at: 'refused-file'; readonly problem: ServerListProblem }
  | { readonly at: 'imported'; readonly added: number; readonly held: number };

export type NetworkCheck =
  | { readonly at: 'unchecked' }
  | { readonly at: 'checking' }
  | { readonly at: 'told'; readonly view: NetworkView };

/** Looking for a remembered computer on the network. */
export type Calling =
  | { readonly at: 'idle' }
  | { readonly at: 'calling'; readonly id: string }
  | { readonly at: 'missed'; readonly id: string };

/** Unfinished transfers are removed one by one, the history as a whole. */
export type Removal = { readonly is: 'unfinished'; readonly id: TransferId } | { readonly is: 'history' };

export type DiagnosticsRow = { readonly name: string; readonly value: string };

export type AppState = {
  readonly facts: Omit<AppFacts, 'settings' | 'staged' | 'router'>;
  /** Elsewhere than `here`, this page can do nothing. A desktop app starts its host again by itself, until it gives up. */
  readonly host: 'here' | 'replaced' | 'gone' | 'restarting' | 'given-up';
  readonly settings: Settings;
  readonly session: LinkView;
  /** The other side says of itself that it is a guest page: it is never remembered, and always asked about. */
  readonly isGuestPeer: boolean;
  /** Disconnect was clicked, and can still be taken back. */
  readonly isLeaving: boolean;
  /** Out of view, and not gone yet. */
  readonly removal: Removal | undefined;
  /** Cancel was clicked while they moved, and can still be taken back. */
  readonly cancelling: ReadonlySet<TransferId>;
  /** Blocks go from host to host, past the page. */
  readonly directLane: boolean;
  /** Whose firewall is the likely reason that they do not. */
  readonly directBlocked: FirewallAt | undefined;
  readonly entry: CodeEntry;
  readonly scanning: boolean;
  readonly staged: readonly OutboxItem[];
  /** Drops and folders that are being read at this moment, each with the names of what is in it at the top. */
  readonly reading: readonly (readonly string[])[];
  /** Of these, the ids of what the person wants this very peer to have. Nothing else is offered. */
  readonly confirmed: ReadonlySet<string>;
  /** Whom that is: whoever was on the screen last. */
  readonly seenPeer: PeerView | undefined;
  /** A remembered computer that was chosen for what was staged then, while it is looked for and a link comes up. */
  readonly chosen: { readonly known: string; readonly items: readonly string[] } | undefined;
  /** The digits have been on the screen long enough to be answered. */
  readonly digitsReadable: boolean;
  readonly transfers: ReadonlyMap<TransferId, TransferView>;
  /** Of an earlier link, and not taken up on this one: only sending them again is left. */
  readonly left: ReadonlySet<TransferId>;
  /** Of transfers that the end of a link cut: who ended it. */
  readonly causes: ReadonlyMap<TransferId, 'by-us' | 'by-peer'>;
  /** Newest first. */
  readonly order: readonly TransferId[];
  /** What the queue's sums are made of; see queue.ts. */
  readonly batch: ReadonlySet<TransferId>;
  /** What went into transfers of this run, so that it can be sent again. */
  readonly sent: ReadonlyMap<TransferId, readonly OutboxItem[]>;
  /** Accepted without asking. */
  readonly automatic: ReadonlySet<TransferId>;
  /** What the host puts in place, or moves to another folder, at this moment. */
  readonly atWork: ReadonlySet<TransferId>;
  /** Guest page only: what became of saving what was received. Not named: nobody saved it yet. */
  readonly saving: ReadonlyMap<TransferId, 'saving' | 'saved'>;
  /** First come, first shown. */
  readonly offers: readonly OfferPrompt[];
  readonly skipped: ReadonlyMap<TransferId, readonly SkippedEntry[]>;
  readonly thumbnails: ThumbnailsOf;
  readonly texts: readonly TextNote[];
  readonly draft: string;
  readonly known: readonly RememberedPeerView[];
  readonly calling: Calling;
  readonly unfinished: readonly UnfinishedView[];
  readonly history: readonly HistoryItem[];
  readonly toasts: readonly Toast[];
  readonly panel: Panel;
  readonly phone: PhoneView;
  /** What is to be opened, while the person is asked whether that is wanted. */
  readonly opening: TransferId | undefined;
  readonly serverTests: ReadonlyMap<string, ServerTest>;
  readonly serverNews: ServerNews;
  readonly network: NetworkCheck;
  readonly router: RouterView;
  readonly diagnostics: readonly DiagnosticsRow[];
};

export type SetState = (change: (state: AppState) => Partial<AppState>) => void;
export type GetState = () => AppState;
/** How the actions of one idea reach the state they own. */
export type StoreAccess = {
  readonly get: GetState;
  readonly set: SetState;
  readonly toast: (say: Toast['say']) => void;
};

/** The link is confirmed: things may be offered. */
export function isOpen(session: LinkView): boolean {
  return session.at === 'linked' && session.peer.trust.at === 'settled';
}

/** Something of it has arrived, and all of that was checked. */
export function isReceived({
  direction,
  fileFaultCount,
  folderFaults,
  state,
  totals,
  wantedFiles,
}: TransferView): boolean {
  const isSomeThere =
    wantedFiles > 0 ? fileFaultCount < wantedFiles : folderFaults === undefined || folderFaults.count < totals.folders;
  return direction === 'receive' && state === 'done' && isSomeThere;
}

/** Of an earlier link, and not taken up on the one that is open now. */
export function isLeftBehind({ left, session }: AppState, id: TransferId): boolean {
  return isOpen(session) && left.has(id);
}

/** Its row is gone; whatever else is known of it stays. */
export function withoutTransfer({ order, transfers }: AppState, transfer: TransferId): Partial<AppState> {
  const next = new Map(transfers);
  next.delete(transfer);
  return { order: order.filter((id) => id !== transfer), transfers: next };
}

/** What waits although the link is open: it was put down before, and nobody said that this peer shall have it. */
export function unconfirmed({ confirmed, session, staged }: AppState): readonly OutboxItem[] {
  return isOpen(session) ? staged.filter(({ id }) => !confirmed.has(id)) : noItems;
}
const noItems: readonly OutboxItem[] = [];

/** Their invite was taken: our code is the answer to it. */
export function isReply(session: LinkView): boolean {
  return 'code' in session && session.code?.at === 'ready' && session.code.kind === 'reply';
}

/** This side's invite, where it is there to be given. */
export function inviteOf(session: LinkView): string | undefined {
  return 'code' in session && session.code?.at === 'ready' && session.code.kind === 'invite'
    ? session.code.text
    : undefined;
}

export function peerOf(session: LinkView): PeerView | undefined {
  return session.at === 'linked' || session.at === 'reconnecting' ? session.peer : undefined;
}

/** Who was there then is there now, by the digits of one link or as a remembered computer: names are what people say of themselves. */
export function isSamePeer(then: PeerView | undefined, now: PeerView | undefined): boolean {
  if (then === undefined || now === undefined) return false;
  return now.trust.digits === then.trust.digits || (now.knownId !== undefined && now.knownId === then.knownId);
}

export { linkMaxChars, noteDrawnMaxChars, peerNameShownMax, serversMax } from '../../shared/wire/limits.ts';
export type {
  AppFacts,
  ConflictPolicy,
  CutByReload,
  HistoryItem,
  OfferPlan,
  OutboxItem,
  RememberedPeerView,
  ServerEntry,
  ServerTestView,
  Settings,
  SkippedEntry,
  UnfinishedView,
};
