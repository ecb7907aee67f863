// What a link code says, independent of how it is written. Fixed fields only: a description is always rebuilt from these.

export type Candidate =
  | { readonly kind: 'host'; readonly family: 4 | 6 | 'mdns'; readonly address: string; readonly port: number }
  | { readonly kind: 'srflx' | 'relay'; readonly family: 4 | 6; readonly address: string; readonly port: number };

/** The parts of one side's session description that differ between sessions. */
export type SessionFields = {
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of the DTLS certificate: exactly 32 bytes. */
  readonly fingerprint: Uint8Array;
  readonly candidates: readonly Candidate[];
};

export type LinkCode = SessionFields & {
  readonly kind: 'invite' | 'reply';
  /** Random, 8 bytes. A reply carries the id of the invite it answers. */
  readonly sessionId: Uint8Array;
  readonly name?: string;
};
