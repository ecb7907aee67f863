// Every bound in the app, in one place. A number here has its unit in its name and its reason above it.

/** A block is the unit of hashing, credit, resume and lane assignment. Small enough to resend cheaply, large enough that per-block work vanishes. */
export const blockBytes = 1024 * 1024;

/** What Chromium negotiates as maxMessageSize; larger messages make `send` throw. */
export const bulkMessageMaxBytes = 262_144;

/** Control messages are small by design; a larger one is an attack or a bug. */
export const controlMessageMaxBytes = 64 * 1024;

/** Nesting of JSON that arrives on control. Our deepest message needs five. */
export const controlMaxDepth = 8;

/** Control messages per second that a well-behaved peer stays far below, and the burst it may make on top. */
export const controlMessagesPerSecond = 200;
export const controlMessagesBurst = 1000;

/** A manifest beyond this cannot be shown or checked in bounded memory. */
export const manifestMaxEntries = 100_000;
export const manifestMaxBytes = 32 * 1024 * 1024;
/** One manifest part must fit a control message with room for its envelope. */
export const manifestPartMaxBytes = 48 * 1024;

/** Deeper trees cannot be created portably. */
export const pathMaxDepth = 64;
/** Longest name that ext4, NTFS and APFS all take, in UTF-8 bytes and UTF-16 units. */
export const nameMaxBytes = 255;
export const pathMaxBytes = 4096;

/** Blocks a receiver lets be in flight and unstored: enough to fill a long fat link, little enough to keep memory flat. */
export const creditMaxBlocks = 24;

/** Bytes a lane may hold in its send buffer. Chromium throws at 16 MiB; beyond a few messages more buys no speed and delays cancel. */
export const laneBufferHighBytes = 1024 * 1024;
export const laneBufferLowBytes = 256 * 1024;

/** More connections than this gained nothing when measured. */
export const lanesMax = 8;

/** Nothing heard for this long: show the link as suspect. It is never closed for silence. */
export const heartbeatSuspectMs = 10_000;
export const heartbeatEveryMs = 3_000;

/** A pasted text longer than this is not a code. */
export const pastedCodeMaxChars = 8 * 1024;
export const codeMaxCandidates = 16;
export const codeNameMaxBytes = 24;

/** A text snippet, in UTF-8 bytes. */
export const textMaxBytes = 256 * 1024;

/** Calls a page may have under way at the host on one port, and the largest byte payload of one call. */
export const bridgeMaxOutstanding = 64;
export const bridgeMaxPayloadBytes = blockBytes + 64 * 1024;
export const bridgeMaxHeadBytes = 4 * 1024 * 1024;

/** Free space left untouched on the destination: a full system disk harms more than a paused transfer. */
export const diskReserveBytes = 256 * 1024 * 1024;

/** Unfinished transfers a side claims when a link comes up. */
export const resumeClaimsMax = 64;

export const deviceNameMaxChars = 64;
