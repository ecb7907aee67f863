// What the network check found out, as screens and reports see it.

/** What the network does to this computer's address on the way out, as far as servers outside can tell. */
export type NetworkKind =
  /** No address on any network. */
  | { readonly at: 'offline' }
  /** No server in the list answers over UDP by its nature; there was nobody to ask. */
  | { readonly at: 'unasked' }
  /** Nobody answered over UDP. */
  | { readonly at: 'blocked' }
  /** Seen from outside with the very address it has. */
  | { readonly at: 'open' }
  /** One port inside is one port outside, whoever looks: the mapping of most homes. */
  | { readonly at: 'same' }
  /** Every partner sees another port, so that a port told to somebody is of no use to him. */
  | { readonly at: 'strict' }
  /** It takes the eyes of two servers to tell the last two apart; and a computer with a public address of its own may
   * be answered without the browser telling. */
  | { readonly at: 'untold'; readonly because: 'one-server' | 'one-answer' | 'own-address' };

export type RelayWay = 'udp' | 'tcp' | 'tls';

export type NetworkView = NetworkKind & {
  /** Relays that would carry bytes now, by what they are reached over. */
  readonly relays: readonly RelayWay[];
  readonly publicAddress?: string;
  /** Servers that were asked over UDP, and those that answered. */
  readonly asked: number;
  readonly answered: number;
  /** Of this computer; missing where the browser hides its addresses. */
  readonly networks?: number;
  readonly ipv6: 'public' | 'private' | 'none' | 'hidden';
  /** Whether the router lets two computers behind it meet at its public address. */
  readonly hairpin: 'yes' | 'no' | 'untold';
};

/** The one sentence that says what it means for linking. */
export type NetworkVerdict =
  | Exclude<NetworkKind['at'], 'untold'>
  | Extract<NetworkKind, { at: 'untold' }>['because']
  | 'blocked-relayed'
  | 'strict-relayed';

export function networkVerdict(view: NetworkKind & Pick<NetworkView, 'relays'>): NetworkVerdict {
  if (view.at === 'untold') return view.because;
  if (view.relays.length === 0) return view.at;
  return view.at === 'blocked' || view.at === 'strict' ? `${view.at}-relayed` : view.at;
}
