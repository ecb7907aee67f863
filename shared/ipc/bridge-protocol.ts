// What the local server of the browser shell and the page's bridge agree on besides packets.

/** The first text on a socket, once its role is served. Packets follow. */
export const bridgeReady = 'ready';
/** Close code: another page uses this host. Asking with `take` takes it over. */
export const bridgeBusy = 4409;
/** Close code: another page took this host over. */
export const bridgeReplaced = 4410;

export const bridgePaths = { ui: '/bridge/ui', engine: '/bridge/engine' } as const;
export type BridgeRole = keyof typeof bridgePaths;
/** The WebSocket subprotocol that carries the token. */
export const tokenProtocol = (token: string): string => `t.${token}`;

/** POST with a start code in this header: answers with a token, once for each code. */
export const startPath = '/bridge/start';
export const startCodeHeader = 'tincan-start-code';

/** Fragments of the page's address: a token to use as it is, or a start code to exchange for one. */
export const tokenFragment = (token: string): string => `#${token}`;
export const startFragment = (code: string): string => `#start-${code}`;
export const readTokenFragment = (hash: string): string | undefined => /^#([0-9a-f]{64})$/.exec(hash)?.[1];
export const readStartFragment = (hash: string): string | undefined => /^#start-([0-9a-f]{64})$/.exec(hash)?.[1];
