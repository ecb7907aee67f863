// What the link and the engine both name: connections, and the messages that links send each other through the engine.

/**
 * One RTCPeerConnection of ours, numbered by the link. It carries one bulk channel and, where it may become the link
 * itself, one control channel.
 */
export type ConnectionId = number;

export type ChannelRole = 'control' | 'bulk';

/** Payload of a control message of type `link`: opaque to the engine, schema in link/link-signal.ts. */
export type LinkSignalBody = Readonly<Record<string, unknown>>;
