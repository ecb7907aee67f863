// What the link and the engine both name: connections, what the link tells the engine, and the messages that links send each
// other through it.

/**
 * One RTCPeerConnection of ours, numbered by the link. It carries one bulk channel and, where it may become the link
 * itself, one control channel.
 */
export type ConnectionId = number;

export type ChannelRole = 'control' | 'bulk';

/** Payload of a control message of type `link`: opaque to the engine, schema in link/link-signal.ts. */
export type LinkSignalBody = Readonly<Record<string, unknown>>;

export type LinkCommand =
  /** This connection's control channel is the link from now on. Transfers of an earlier control carry on over it. */
  | {
      readonly do: 'adopt';
      readonly connection: ConnectionId;
      readonly maxMessageBytes: number;
      /** SHA-256 of the link's transcript. */
      readonly binding: Uint8Array;
      /** Another peer, or the same one with new codes; otherwise the same link over another connection. */
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
  /**
   * Both people confirmed the verification. Until now only link signals and pings pass; anything else is a violation. `remembered`: the entry
   * of a computer that may link again and again without anybody's word.
   */
  | {
      readonly do: 'authorize';
      readonly peerName: string;
      readonly checked: boolean;
      readonly remembered?: string;
    }
  /** The link ended for good (disconnect, bye, or replaced by another peer). Unfinished transfers are parked at the host. */
  | { readonly do: 'end'; readonly say: 'bye' | 'nothing' }
  /** The machine woke or its addresses changed: ask for a sign of life now. */
  | { readonly do: 'nudge' };
