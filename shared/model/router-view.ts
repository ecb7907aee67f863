// What is known of the person's own router, as screens and reports see it.

export type RouterProtocolName = 'pcp' | 'nat-pmp' | 'upnp';

export type RouterView =
  /** It is not asked: "Same network" is chosen, or the person turned it off. */
  | { readonly at: 'off' }
  | { readonly at: 'asking' }
  | { readonly at: 'opens'; readonly by: RouterProtocolName; readonly publicAddress: string }
  /** It lets in only who comes by IPv6. */
  | { readonly at: 'opens-v6'; readonly by: RouterProtocolName; readonly publicAddress: string }
  | { readonly at: 'refused' }
  /** It does not answer to any of the ways to ask, or there is none. */
  | { readonly at: 'none' }
  /** It opens ports of an address that the provider shares among homes. */
  | { readonly at: 'shared' }
  /** Another router stands between it and the internet. */
  | { readonly at: 'behind' }
  /** It says that it has no public address itself: one of the two above, or it is offline. */
  | { readonly at: 'no-address' };

/** Why no port of this router helps. */
export type RouterNo = 'shared' | 'behind' | 'no-address';
