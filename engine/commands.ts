// What passes between the page and the Worker that runs the engine. Commands go in, events come out; channels travel
// beside a command as transferables. The page keeps the connections (and so the certificates); the Worker keeps the
// channels (and so the bytes).

import type { ConflictPolicy, OfferPlan } from '../shared/ipc/views.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { ConnectionId, LinkSignalBody } from '../shared/model/link-channel.ts';
import type { SkippedEntry } from '../shared/model/manifest.ts';
import type { FirewallAt, LaneSample, TransferId, TransferProgress, TransferView } from '../shared/model/transfer.ts';

export type { ConnectionId, LinkSignalBody };

export type EngineCommand =
  /** Sent in the same task that created the channel (a later transfer throws); the channel rides along. */
  | { readonly do: 'channel'; readonly connection: ConnectionId; readonly role: 'control' | 'bulk' }
  /** This connection's control channel is the link from now on. Transfers of an earlier control carry on over it. `binding` is the SHA-256 of the link's transcript. */
  | {
      readonly do: 'adopt';
      readonly connection: ConnectionId;
      readonly maxMessageBytes: number;
      readonly binding: Uint8Array;
      /** First time on this link, or the same peer over a spare connection. */
      readonly fresh: boolean;
    }
  /** A lane of the link is usable (its connection is up). The adopted connection's own bulk channel is lane one and needs no call. */
  | { readonly do: 'lane'; readonly connection: ConnectionId; readonly maxMessageBytes: number }
  /** Fewer lanes are wanted: this one is fed no more blocks, and `lane-empty` follows. Another `lane` feeds it again. */
  | { readonly do: 'retire'; readonly connection: ConnectionId }
  /** The connection is gone for good: its channels are closed, unfinished blocks go elsewhere. */
  | { readonly do: 'drop'; readonly connection: ConnectionId }
  /** The link's connection went up or down. Transfers show themselves paused by `link` while it is down. */
  | { readonly do: 'link-state'; readonly up: boolean }
  /** The address of the other side that the link uses; a direct lane goes nowhere else. */
  | { readonly do: 'peer-address'; readonly address: string }
  | { readonly do: 'signal'; readonly body: LinkSignalBody }
  /** Both people settled the digits. Until now only link signals and pings pass; anything else is a violation. */
  | { readonly do: 'authorize'; readonly peerName: string; readonly checked: boolean }
  /** The link ended for good (disconnect, bye, or replaced by another peer). Unfinished transfers are parked at the host. */
  | { readonly do: 'end'; readonly say: 'bye' | 'nothing' }
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
  | { readonly do: 'pause' | 'resume' | 'cancel' | 'retry'; readonly transfer: TransferId }
  | { readonly do: 'send-text'; readonly text: string }
  /** Host link woke or addresses changed: probe liveness now. */
  | { readonly do: 'nudge' };

export type EngineEvent =
  | { readonly is: 'signal'; readonly body: LinkSignalBody }
  /** Heard from the peer, or silent for longer than heartbeatSuspectMs. */
  | { readonly is: 'liveness'; readonly at: 'alive' | 'suspect'; readonly roundTripMs?: number }
  | { readonly is: 'control-open'; readonly connection: ConnectionId }
  | { readonly is: 'channel-closed'; readonly connection: ConnectionId; readonly role: 'control' | 'bulk' }
  /** How many lanes the engine would like, by its own measurement. */
  | { readonly is: 'want-lanes'; readonly count: number }
  /** A retired lane carries nothing of ours any more: what was sent over it is stored, or nobody waits for it. */
  | { readonly is: 'lane-empty'; readonly connection: ConnectionId }
  /** Blocks go from host to host now, or no more. */
  | { readonly is: 'direct-lane'; readonly isUp: boolean }
  /** Whose firewall is the likely reason that there is no direct lane; nothing once there is one, or no link. */
  | { readonly is: 'direct-blocked'; readonly at: FirewallAt | undefined }
  | { readonly is: 'peer-name'; readonly name: string }
  | { readonly is: 'peer-left' }
  | { readonly is: 'violation'; readonly fault: FaultView }
  | { readonly is: 'offer'; readonly transfer: TransferId; readonly plan: OfferPlan }
  | { readonly is: 'offer-gone'; readonly transfer: TransferId }
  | { readonly is: 'transfer'; readonly view: TransferView }
  | { readonly is: 'skipped'; readonly transfer: TransferId; readonly entries: readonly SkippedEntry[] }
  | { readonly is: 'progress'; readonly transfers: readonly TransferProgress[]; readonly lanes: readonly LaneSample[] }
  | { readonly is: 'text'; readonly text: string; readonly fromPeer: boolean }
  | { readonly is: 'refused'; readonly fault: FaultView };
