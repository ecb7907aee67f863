// What passes between the page and the Worker that runs the engine. Commands go in, events come out; channels travel
// beside a command as transferables. The page keeps the connections (and so the certificates); the Worker keeps the
// channels (and so the bytes).

import type { ConflictPolicy, OfferPlan } from '../shared/ipc/views.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { ConnectionId, LinkCommand, LinkSignalBody } from '../shared/model/link-channel.ts';
import type { SkippedEntry } from '../shared/model/manifest.ts';
import type {
  FirewallAt,
  LaneSample,
  PersonPauseReason,
  TransferId,
  TransferProgress,
  TransferView,
} from '../shared/model/transfer.ts';

export type EngineCommand =
  /** Sent in the same task that created the channel (a later transfer throws); the channel rides along. */
  | { readonly do: 'channel'; readonly connection: ConnectionId; readonly role: 'control' | 'bulk' }
  | LinkCommand
  | { readonly do: 'identify'; readonly deviceName: string }
  /** The page may name the transfer itself, to know later what went into it. */
  | { readonly do: 'send-items'; readonly items: readonly string[]; readonly transfer?: TransferId }
  /** Files picked in the browser shell; the File objects ride along in `files`, same order. `path` as the person sees it. */
  | {
      readonly do: 'send-files';
      readonly files: readonly { readonly path: readonly string[]; readonly file: unknown }[];
      readonly emptyFolders: readonly (readonly string[])[];
      readonly transfer?: TransferId;
    }
  | { readonly do: 'accept'; readonly transfer: TransferId; readonly conflict: ConflictPolicy }
  | { readonly do: 'decline'; readonly transfer: TransferId }
  | { readonly do: 'resume' | 'cancel' | 'retry'; readonly transfer: TransferId }
  /** Its row was removed: it never goes on, whoever has the other half is told, and nothing of it is shown any more. */
  | { readonly do: 'discard'; readonly transfer: TransferId }
  | { readonly do: 'pause'; readonly transfer: TransferId; readonly why?: PersonPauseReason }
  /** `note`: the name of one that was given back. It may have come all the same, and is not shown twice then. */
  | { readonly do: 'send-text'; readonly text: string; readonly note?: string };

/**
 * `connection`: the one that it came over, or whose it is; of what a transfer tells, the first of its link. It may belong to a link that
 * was replaced since: events take a while.
 */
export type EngineEvent =
  | { readonly is: 'signal'; readonly connection: ConnectionId; readonly body: LinkSignalBody }
  /** Heard from the peer, or silent for longer than heartbeatSuspectMs. */
  | {
      readonly is: 'liveness';
      readonly connection: ConnectionId;
      readonly at: 'alive' | 'suspect';
      readonly roundTripMs?: number;
    }
  | { readonly is: 'control-open'; readonly connection: ConnectionId }
  | { readonly is: 'channel-closed'; readonly connection: ConnectionId; readonly role: 'control' | 'bulk' }
  /** How many lanes the engine would like, by its own measurement. Said anew for another link: it holds until it is said again. */
  | { readonly is: 'want-lanes'; readonly count: number }
  /** A retired lane carries nothing of ours any more: what was sent over it is stored, or nobody waits for it. */
  | { readonly is: 'lane-empty'; readonly connection: ConnectionId }
  /** Blocks go from host to host now, or no more. */
  | { readonly is: 'direct-lane'; readonly isUp: boolean }
  /** Whose firewall is the likely reason that there is no direct lane; nothing once there is one, or no link. */
  | { readonly is: 'direct-blocked'; readonly at: FirewallAt | undefined }
  /** `isGuest`: it says of itself that it is a guest page. */
  | { readonly is: 'peer-name'; readonly connection: ConnectionId; readonly name: string; readonly isGuest?: true }
  | { readonly is: 'peer-left'; readonly connection: ConnectionId }
  | { readonly is: 'violation'; readonly connection: ConnectionId; readonly fault: FaultView }
  | {
      readonly is: 'offer';
      readonly connection: ConnectionId;
      readonly transfer: TransferId;
      readonly plan: OfferPlan;
    }
  | { readonly is: 'offer-gone'; readonly transfer: TransferId }
  | { readonly is: 'transfer'; readonly view: TransferView }
  /** The answer to `discard`: nothing that was told of it before is true any more, and nothing more is told. */
  | { readonly is: 'discarded'; readonly transfer: TransferId }
  /** Another link: these are not known here any more, unless both sides still have them and take them up. */
  | { readonly is: 'transfers-left'; readonly transfers: readonly TransferId[] }
  /** A small picture of one file of a transfer, in base64 and not looked at yet. */
  | { readonly is: 'thumbnail'; readonly transfer: TransferId; readonly index: number; readonly image: string }
  | { readonly is: 'skipped'; readonly transfer: TransferId; readonly entries: readonly SkippedEntry[] }
  | { readonly is: 'progress'; readonly transfers: readonly TransferProgress[]; readonly lanes: readonly LaneSample[] }
  /** `note`: the name of one of ours. */
  | {
      readonly is: 'text';
      readonly connection: ConnectionId;
      readonly text: string;
      readonly fromPeer: boolean;
      readonly note?: string;
    }
  /**
   * It was not sent, and the person keeps it: the files of this transfer, which was never begun, or this note. `wasTold`: the note was told
   * of as one that is sent, and its link ended before the other side said that it has it. `note`: its name, where it has one.
   */
  | {
      readonly is: 'refused';
      readonly fault: FaultView & { readonly code: RefusalCode };
      readonly transfer?: TransferId;
      readonly text?: string;
      readonly note?: string;
      readonly wasTold?: true;
    };

/** Why the engine does not begin with something. */
export type RefusalCode = 'bridge-busy' | 'note-too-long' | 'peer-left';
