// The port through which the rest of the page sees the link. One Link lives as long as the page: it makes codes, takes
// codes, heals cuts, and tells what it is doing as a LinkView.

import type { FaultView } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { CodeVia, DeliveryNews, LinkView, TrustChoice } from '../shared/model/link-view.ts';
import type { ServerEntry } from '../shared/model/server-entry.ts';

export type LinkOptions = {
  readonly deviceName: string;
  /** Empty unless the person turned "Across the internet" on. */
  readonly servers: readonly ServerEntry[];
  readonly relayOnly?: boolean;
  /** The person's own router is asked to open ports. */
  readonly askRouter?: boolean;
};

export interface Link {
  view(): LinkView;
  /** The link there is now is, or was, carried by this connection. What came over another one was said by somebody else. */
  hasAdopted(connection: ConnectionId): boolean;
  onChange(listener: (view: LinkView) => void): () => void;
  onDelivery(listener: (news: DeliveryNews) => void): () => void;
  /** Takes whatever people paste or scan. Answers with why not, or with nothing when it was taken. */
  takeCode(text: string, via: CodeVia): Promise<FaultView | undefined>;
  /** Throws the present codes away and makes a fresh invite. */
  newCode(): void;
  /** What this person says of the six digits. */
  confirmVerification(choice: TrustChoice): void;
  /** Whether the two computers shall find each other without codes from now on. Both people must say yes. */
  remember(choice: 'yes' | 'no'): void;
  /** Looks for a remembered computer on the network and links with it. False when it was not found. */
  callRemembered(id: string): Promise<boolean>;
  disconnect(): void;
  /** While reconnecting: offer a new code that resumes the same transfers. */
  pairAgain(): void;
  /** Settings changed; codes are made anew when that alters them, and thrown away where they ask a server that is taken away. */
  configure(options: LinkOptions): void;
  /** The machine woke or its addresses changed. */
  nudge(why: 'addresses' | 'woke' | 'online'): void;
  /** For the diagnostics page: kinds only, no addresses unless asked. */
  report(withAddresses: boolean): Promise<readonly { readonly name: string; readonly value: string }[]>;
  close(): void;
}
