// The port through which the rest of the page sees the link. One Link lives as long as the page: it makes codes, takes
// codes, heals cuts, and tells what it is doing as a LinkView.

import type { ConnectionId, EngineCommand, LinkSignalBody } from '../engine/commands.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { CodeVia, LinkView, NearNews, TrustChoice } from '../shared/model/link-view.ts';
import type { ServerEntry } from '../shared/model/server-entry.ts';

/** What the link needs from the Worker that owns the channels. */
export interface EngineDesk {
  /** Must be called in the task that made the channel. */
  giveChannel(connection: ConnectionId, role: 'control' | 'bulk', channel: RTCDataChannel): void;
  command(command: LinkCommand): void;
  onControlOpen(listener: (connection: ConnectionId) => void): () => void;
  onChannelClosed(listener: (connection: ConnectionId, role: 'control' | 'bulk') => void): () => void;
  onSignal(listener: (body: LinkSignalBody) => void): () => void;
  onLiveness(listener: (at: 'alive' | 'suspect', roundTripMs: number | undefined) => void): () => void;
  onWantLanes(listener: (count: number) => void): () => void;
  onLaneEmpty(listener: (connection: ConnectionId) => void): () => void;
  onPeerLeft(listener: () => void): () => void;
  onViolation(listener: (fault: FaultView) => void): () => void;
}

/** Carries replies over the network that both people share. All codes are texts. */
export interface NearDesk {
  /** Every invite that waits for a reply now. */
  invites(codes: readonly string[]): void;
  deliver(invite: string, reply: string): Promise<boolean>;
  onReply(listener: (reply: string) => void): () => void;
  /** Looks for a remembered computer; its reply to this invite, and its name, once found. */
  call(id: string, invite: string): Promise<{ readonly reply: string; readonly name: string } | undefined>;
  /** A remembered computer calls this one. */
  onKnock(
    listener: (knock: { readonly knock: string; readonly name: string; readonly invite: string }) => void,
  ): () => void;
  answer(knock: string, reply: string): Promise<boolean>;
  remember(kept: RememberedPeer): void;
}

/** What is kept of a computer that both people want remembered: the secret is the pair's, the code theirs. */
export type RememberedPeer = {
  readonly secret: string;
  readonly side: 'inviter' | 'replier';
  readonly name: string;
  readonly code: string;
};

export type LinkCommand = Extract<
  EngineCommand,
  {
    do: 'adopt' | 'lane' | 'retire' | 'drop' | 'link-state' | 'peer-address' | 'signal' | 'open-gate' | 'end' | 'nudge';
  }
>;

export type LinkOptions = {
  readonly deviceName: string;
  /** Empty unless the person turned "Across the internet" on. */
  readonly servers: readonly ServerEntry[];
  readonly relayOnly?: boolean;
};

export interface Link {
  view(): LinkView;
  onChange(listener: (view: LinkView) => void): () => void;
  onNear(listener: (news: NearNews) => void): () => void;
  /** Takes whatever people paste or scan. Answers with why not, or with nothing when it was taken. */
  takeCode(text: string, via: CodeVia): Promise<FaultView | undefined>;
  /** Throws the present codes away and makes a fresh invite. */
  newCode(): void;
  settleDigits(choice: TrustChoice): void;
  /** Whether the two computers shall find each other without codes from now on. Both people must say yes. */
  remember(choice: 'yes' | 'no'): void;
  /** Looks for a remembered computer on the network and links with it. False when it was not found. */
  callKnown(id: string): Promise<boolean>;
  disconnect(): void;
  /** While reconnecting: offer a new code that resumes the same transfers. */
  pairAgain(): void;
  /** Settings changed; codes are made anew when that alters them. */
  configure(options: LinkOptions): void;
  /** The machine woke or its addresses changed. */
  nudge(why: 'addresses' | 'woke' | 'online'): void;
  /** For the diagnostics page: kinds only, no addresses unless asked. */
  report(withAddresses: boolean): Promise<readonly { readonly name: string; readonly value: string }[]>;
  close(): void;
}
