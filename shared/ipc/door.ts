// What the local door of the browser shell and the page's bridge agree on besides packets.

/** The text a socket hears once its role is served; packets follow. */
export const doorReady = 'ready';
/** Close code: another page holds this host. Asking with `take` takes it over. */
export const doorBusy = 4409;
/** Close code: another page took this host over. */
export const doorReplaced = 4410;

export const doorPaths = { ui: '/bridge/ui', engine: '/bridge/engine' } as const;
export type DoorRole = keyof typeof doorPaths;
/** The WebSocket subprotocol that carries the token. */
export const tokenProtocol = (token: string): string => `t.${token}`;
