// What the link needs from outside: the engine that owns the channels, the network service of the host, and connections.

import type { FaultView } from '../shared/model/fault.ts';
import type { ChannelRole, ConnectionId, LinkCommand, LinkSignalBody } from '../shared/model/link-channel.ts';
import type { RtcChannel } from './rtc.ts';

/** The engine as the link sees it. What it tells may be of a connection of an earlier link: what is posted crosses what is posted back. */
export interface LinkEngine {
  /** Must be called in the task that made the channel. */
  giveChannel(connection: ConnectionId, role: ChannelRole, channel: RtcChannel): void;
  command(command: LinkCommand): void;
  onControlOpen(listener: (connection: ConnectionId) => void): () => void;
  onChannelClosed(listener: (connection: ConnectionId, role: ChannelRole) => void): () => void;
  onSignal(listener: (connection: ConnectionId, body: LinkSignalBody) => void): () => void;
  onLiveness(
    listener: (connection: ConnectionId, at: 'alive' | 'suspect', roundTripMs: number | undefined) => void,
  ): () => void;
  onWantLanes(listener: (count: number) => void): () => void;
  onLaneEmpty(listener: (connection: ConnectionId) => void): () => void;
  onPeerLeft(listener: (connection: ConnectionId) => void): () => void;
  onViolation(listener: (connection: ConnectionId, fault: FaultView) => void): () => void;
}

/** The person's own router, which passes on to a port of this computer what comes from outside. */
export interface RouterPort {
  /** For those of these addresses that are on its network. How they are seen from outside; nothing where they are not, or not soon. */
  open(hosts: readonly HostAddress[]): Promise<readonly HostAddress[]>;
  shut(hosts: readonly HostAddress[]): void;
  /** The link is down: the router may have forgotten what it was asked. */
  renew(): void;
}

/** The addresses that this computer has on each of its networks: a connection that has found one of each has found them all. */
export type OwnNetworks = readonly (readonly string[])[];

export type HostAddress = { readonly address: string; readonly port: number };

/** Takes a reply to whoever made the invite, and answers whether it got there. Codes are texts. */
export interface ReplyCarrier {
  deliver(invite: string, reply: string): Promise<boolean>;
}

/** Carries replies over the network that both people share. All codes are texts. */
export interface LanService extends ReplyCarrier {
  /** Every invite that waits for a reply now. */
  invites(codes: readonly string[]): void;
  onReply(listener: (reply: string) => void): () => void;
  /** Looks for a remembered computer; its reply to this invite, and its name, once found. */
  call(id: string, invite: string): Promise<{ readonly reply: string; readonly name: string } | undefined>;
  /** A remembered computer calls this one. */
  onIncomingCall(listener: (call: IncomingCall) => void): () => void;
  answer(callId: string, reply: string): Promise<boolean>;
  /** Answers with the name of its entry; with nothing where it could not be kept. */
  remember(peer: RememberedPeer): Promise<string | undefined>;
  /** Both sides of a remembered pair make their next secret of this value, which only the two of them know; in hex. */
  renew(peer: RememberedMeeting, renewal: string): void;
  /** A link with this remembered computer is open. Nothing: the link was ended, or is with nobody who is remembered. */
  linkedWith(id: string | undefined): void;
}

/** Which remembered computer this is, by the name of its entry. `callId`: it called us. */
export type RememberedMeeting = { readonly id: string; readonly callId?: string };

export type IncomingCall = {
  readonly callId: string;
  readonly id: string;
  readonly name: string;
  readonly invite: string;
};

/** What is kept of a computer that both people want remembered: the secret is the pair's, the code theirs. */
export type RememberedPeer = {
  readonly secret: string;
  readonly side: 'inviter' | 'replier';
  readonly name: string;
  readonly code: string;
};
