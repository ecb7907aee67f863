// Every bound in the app, in one place. A number here has its unit in its name and its reason above it.

/** A block is the unit of hashing, credit, resume and lane assignment. Small enough to resend cheaply, large enough that per-block work vanishes. */
export const blockBytes = 1024 * 1024;

/** Parts that a received block is handed to the disk in. Ours come in ten; whoever sends crumbs has them put together. */
export const blockPartsMax = 32;

/** What Chromium negotiates as maxMessageSize; larger messages make `send` throw. We take them, and send smaller ones. */
export const bulkMessageMaxBytes = 262_144;

/** Control messages are small by design; a larger one is an attack or a bug. */
export const controlMessageMaxBytes = 64 * 1024;

/**
 * Long lists (a manifest of a hundred thousand entries) wait while this much is unsent on control: pings must not queue
 * behind minutes of manifest, and Chromium closes a channel whose buffer passes 16 MiB.
 */
export const controlBufferHighBytes = 256 * 1024;
export const controlBufferLowBytes = 64 * 1024;

/** Nesting of JSON that arrives on control. Our deepest message, a list of spare connections, stays below. */
export const controlMaxDepth = 8;

/** Control messages per second that a well-behaved peer stays far below, and the burst it may make on top. */
export const controlMessagesPerSecond = 200;
export const controlMessagesBurst = 1000;

/** A manifest beyond this cannot be shown or checked in bounded memory. Folders that only paths name are bounded alike. */
export const manifestMaxEntries = 100_000;
/** Paths that are put down together. One more than a transfer takes: too many are told of, and not cut. */
export const pathsMax = manifestMaxEntries + 1;
export const manifestMaxBytes = 32 * 1024 * 1024;
/** One manifest part must fit a control message with room for its envelope. */
export const manifestPartMaxBytes = 48 * 1024;

/** Names are sorted so many at a time, in some milliseconds. */
export const sortSliceItems = 512;

/** Deeper trees cannot be created portably. */
export const pathMaxDepth = 64;
/** Names are planned this many characters at a time: a few milliseconds, whatever the characters are. */
export const planSliceChars = 16 * 1024;
/** Longest name that ext4, NTFS and APFS all take, in UTF-8 bytes and UTF-16 units. */
export const nameMaxBytes = 255;
export const pathMaxBytes = 4096;

/** Blocks a receiver lets be in flight and unstored: enough to fill a long fat link, little enough to keep memory flat. */
export const creditMaxBlocks = 24;

/**
 * What waits in a lane's send buffer goes out in one burst when acknowledgements come in one, and Chromium drops what is
 * beyond 64 KiB between a page and its socket: larger buffers were seen to lose hundreds of packets at the start of a
 * transfer, and then to sit still for a second or more until timers sent them again.
 */
export const laneBufferHighBytes = 64 * 1024;
export const laneBufferLowBytes = 32 * 1024;
/** One message on top of that is what a burst can be. Of half the size none was lost at all, and calls took what that saved. */
export const laneMessageBytes = 128 * 1024;

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
/** Notes that wait until the other side has them, in UTF-8 bytes: sixteen of the largest, as many as a screen keeps. */
export const notesWaitingMaxBytes = 4 * 1024 * 1024;
/** Notes that came, by their names: one that comes again is not shown again. More than a person tries to send once more. */
export const notesHeardMax = 1_024;

/**
 * Calls a page may have under way at the host on one port, and the largest byte payload and text of one call or answer. The longest
 * answers are a fault for each of a hundred thousand files, and a full history of names of which every character is escaped.
 */
export const bridgeMaxOutstanding = 64;
/** What the host tells a page that is still being drawn. */
export const earlyEventsMax = 64;
export const bridgeMaxPayloadBytes = blockBytes + 64 * 1024;
export const bridgeMaxHeadChars = 8 * 1024 * 1024;
/** Answers that a page does not read: every call under way answered in full, twice over. Then it is hung up on. */
export const bridgeUnreadMaxBytes = 2 * bridgeMaxOutstanding * bridgeMaxPayloadBytes;
/** A page says so often what it has read, where its port does not tell. */
export const bridgeMarkEveryBytes = 8 * 1024 * 1024;
/** A page that connects again and again: so many times in a row, as nobody loads a page, and then once a second. */
export const pageConnectsBurst = 20;
export const pageConnectsPerSecond = 1;
/** Rows of an offer in one answer, by the length of their names: a stranger chooses those. */
export const offerRowsMaxChars = 1024 * 1024;
/** Of what a sender finds and does not send, so much is named to the person, and the rest counted. */
export const skippedNamedMax = 1_000;
export const skippedNamedMaxChars = 512 * 1024;
/**
 * Connections to the local server that have not shown a token; the oldest gives way. A browser has six at a time for a page; any account
 * of the computer may open some.
 */
export const visitorsMax = 64;
/** A refused upgrade may read its answer for this long. Nobody is let in by waiting. */
export const refusedUpgradeLingerMs = 1_000;

/** Free space left untouched on the destination: a full system disk harms more than a paused transfer. */
export const diskReserveBytes = 256 * 1024 * 1024;
/** No more than this of a small one: a stick of 200 MB is there to be filled. */
export const diskReserveShare = 0.05;

/** Unfinished transfers a side claims when a link comes up. */
export const resumeClaimsMax = 64;
/** Of these, unfinished sends of files that only the page holds; each keeps its list and its files' handles in memory. */
export const pageSendsKeptMax = 32;

export const deviceNameMaxChars = 64;

/** Each server in the list is asked whenever a code is made. Addresses and passwords are the lengths that browsers take. */
export const serversMax = 16;
export const serverUrlMaxChars = 512;
export const serverSecretMaxChars = 256;
/** A server that has not answered the network check by then is counted silent; STUN repeats a lost question three times. */
export const serverAnswerMs = 4_000;
/** More servers looking at one port tell nothing new. */
export const networkEyesMax = 4;
/** Servers that answered a moment ago answer again within this, a lost packet included. */
export const networkSettleMs = 1_200;
/** A router that lets a computer call itself does so within a few round trips. */
export const callSelfMs = 2_500;
/** A full list of the longest entries, every character escaped, is smaller. */
export const serverListFileMaxBytes = 128 * 1024;

/** Whatever candidates have come by then make the code: a dead STUN server holds gathering open for up to forty seconds. */
export const gatherDeadlineMs = 3_000;
/** A computer without an address looks for one again after this: it may only have been too busy. */
export const offlineRetryMs = 5_000;
/**
 * Chromium stops checking a pair after 15 seconds without an answer, and Firefox gives the whole connection up after 11.5:
 * adding the candidates again sooner keeps a fresh pair, Firefox's connection, and the firewall's hole.
 */
export const retryCandidatesEveryMs = 7_000;
/** How often the schedules of retries and standby connections are looked at. */
export const healingTickMs = 1_000;
/**
 * Public addresses that an invite names are asked for as long as people take to carry a reply back, and no longer: an
 * invite may name anybody's address. Addresses of the own networks are asked on.
 */
export const publicRetryMaxMs = 45 * 60_000;
/** Standby connections held ready per link, and how long the link must have been down before each is promoted. */
export const standbyPairsKept = 3;
export const promoteStandbyAtMs: readonly number[] = [16_000, 40_000, 90_000];
/** Standby connections alive at once, ready ones and promoted ones together: one set of each. */
export const standbyConnectionsMax = 2 * standbyPairsKept;
/**
 * Lanes and standby connections are made, and made anew, when the other side says so. Each costs a certificate, sockets, and checks to wherever it
 * says. A link that goes on over another connection needs ten. One that does so again and again, on a network that comes and goes, has
 * those beyond made one after another.
 */
export const askedConnectionsBurst = 128;
export const askedConnectionsPerSecond = 1;
/** How long a promoted standby connection stays while the link is up: longer than ICE takes to give up on the other side. */
export const promotedStandbyKeptMs = 20_000;
/** Invites (and replies) that stay alive side by side: people answer the code they copied, not the newest one. */
export const liveCodesMax = 4;
/** Session ids remembered so that a code pasted again is called used and not strange. */
export const usedCodesMax = 64;
/** DTLS that nobody answers takes minutes to give up; that it refuses a certificate is known within one. */
export const certificateRefusedMaxMs = 60_000;
/** A click on Disconnect can be taken back for this long. */
export const disconnectUndoMs = 4_000;
/** So can a click on Cancel while bytes move, and the removal of something kept. */
export const cancelUndoMs = 3_000;
export const removalUndoMs = 6_000;
/** A link in a note that is longer is drawn as plain text. */
export const linkMaxChars = 2_048;
/** What is said last waits behind whatever its connection still sends: for so long, unless the other side closes it before. */
export const lastWordMs = 10_000;
/** Commit, nonce and reveal are three messages on a channel that is already open. */
export const verificationDeadlineMs = 30_000;
/** Of two connections of crossing codes, for so long after the other one the one that both sides rather keep may come up. */
export const crossingSettleMs = 3_000;
/** A healthy link takes far less; past this the person is told what may be wrong. */
export const connectingHintAfterMs = 8_000;
export const routePollMs = 2_500;
/** Chromium learns of a changed address a little after the system did; gathering sooner would name the old one again. */
export const addressSettleMs = 1_000;
/** A lane that has not come up by then is given back and may be asked for again. */
export const laneOpenDeadlineMs = 20_000;

/** A lane that is given up waits this long for what it carries to be stored over there; a disk that is slower has it sent again. */
export const laneDrainDeadlineMs = 5_000;

/** What a screen keeps: older notes, messages and finished rows leave it; the history keeps what matters. */
export const textsShownMax = 200;
/** Of all notes together, in UTF-16 units: sixteen of the largest. */
export const textsShownMaxChars = 4 * 1024 * 1024;
/** Drawn of one note until somebody asks for all of it: laying out endless lines of rare characters takes seconds. */
export const noteDrawnMaxChars = 4 * 1024;
/** Notes that come faster are put on the screen together. */
export const notesDrawEveryMs = 250;
/** The digits cannot be answered sooner: nobody has compared them by then, and a click that was meant for something else may land here. */
export const digitsReadMs = 1_000;
export const toastsMax = 4;
export const transfersShownMax = 100_000;

/** Characters of a peer's name that are drawn, whatever it sent. */
export const peerNameShownMax = 64;

/** Blocks of one transfer: 4 TiB. Bitmaps and hash lists of more would not fit beside the bytes. */
export const transferMaxBlocks = 4 * 1024 * 1024;

/** Bytes of a transfer that we ended which may still be on their way; more is somebody who does not listen. */
export const lateFramesMaxBytes = 32 * 1024 * 1024;

/** Unfinished offers a peer may have before the person, and transfers alive at once in one direction. */
export const transfersMaxLive = 64;

/** How often a damaged block is asked for again before its transfer fails, and how many in all: then the way is broken. */
export const blockRetriesMax = 3;
export const damagedBlocksMax = 100;
/** Blocks asked for again because a disk was full, without one being stored between: a person who presses Resume too early, many times. */
export const unwrittenInARowMax = 512;
/** How often a receiver may ask for the digest of one file on one control: the sender reads all of it every time. */
export const digestAsksMax = 3;
/**
 * A question about whole files keeps the next one waiting this long: a disk that hangs gives no answer, not even once its transfer is called
 * off. And so many at once may take longer: each has a large file read beside the others.
 */
export const digestTurnMs = 60_000;
export const longDigestsMax = 3;
/**
 * Entries, as they came, of all offers that nobody has answered yet. Every one is held until then. And so much of those that failed and may
 * go on: the newest.
 */
export const offersMaxBytes = 2 * manifestMaxBytes;
/** Incoming transfers that are over and remembered, so that a late word about them is no violation. */
export const endedKeptMax = 1_024;
/** Tags that were retired and whose late frames are forgiven. More than can be under way in both directions. */
export const lateTagsMax = 256;

/**
 * A transfer that failed is opened again at the host when the other side says so, with its lists and records, and the other side may
 * end it again with a word; and where its list is not all here, the host begins another one. So many in a row are more than people ask for
 * in an evening; then one a second is answered, each in its turn.
 */
export const askedReopensBurst = 128;
export const askedReopensPerSecond = 1;
/**
 * An offer may be taken back with a word, and costs a place for its list, a line in the history and one in the log all the same. So many in
 * a row are twice as many as may wait at once; then one a second is taken, and the others are declined.
 */
export const offersBurst = 2 * transfersMaxLive;
export const offersPerSecond = 1;

/** Messages kept for a control channel that the page has not adopted yet: the peer may be a step ahead. */
export const controlHeldMax = 64;

/** Pictures beyond this are refused by their header: decoded they would fill hundreds of megabytes. */
export const pictureMaxSidePx = 8192;
export const pictureMaxPixels = 32_000_000;
/** A scan Worker that has not answered by then hangs and is replaced. */
export const scanAnswerDeadlineMs = 15_000;
/** Looking more often finds no code sooner and heats the machine. */
export const cameraFrameEveryMs = 125;
/** A reply that came over the network waits this long for a camera that is on: what the camera sees itself needs no digits. */
export const cameraFirstMs = 4_000;
/** A camera light that stays on behind a hidden window frightens people. */
export const cameraHiddenMaxMs = 60_000;

/** Of the log: a file that is full is put behind the others, and the oldest goes. Enough for weeks of use. */
export const logFileMaxBytes = 256 * 1024;
export const logFilesMax = 4;
/** A page that errs on purpose must not push what matters out of the log, nor wear the disk. */
export const logEventsPerSecond = 1;
export const logBurstEvents = 100;

/** Older entries of the history are dropped; it is a memory aid, not an archive. */
export const historyMaxItems = 500;
/** Of these, notes: who writes many must not push out what was sent and received. */
export const historyNotesMax = 200;
/** Incoming transfers that did not end well: anybody can make many offers, and they must not push out what was received. */
export const historyNotReceivedMax = 100;
/** Kept of one note, and of all together: the file is written anew with each of them. */
export const historyNoteMaxChars = 16 * 1024;
export const historyNotesMaxChars = 512 * 1024;

/** A picture of a file in an offer is shown while the person decides: small, few, and none in a long list. */
export const thumbnailMaxBytes = 8 * 1024;
export const thumbnailMaxChars = 4 * Math.ceil(thumbnailMaxBytes / 3);
export const thumbnailPx = 128;
/** Decoding a stranger's picture costs memory by its width and height, whatever its size in bytes. */
export const thumbnailShownMaxPx = 512;
export const thumbnailsMax = 24;
export const thumbnailFilesMax = 200;
/** Larger pictures are not read for one, nor are those that would take too much memory to draw. */
export const thumbnailSourceMaxBytes = 32 * 1024 * 1024;
export const thumbnailSourceMaxPixels = 64_000_000;
/** A video is read from where it lies and not as a whole, so its size does not count; its decoder is given this long. */
export const videoFrameMaxMs = 4_000;
/** Many films begin in black. */
export const videoFrameAtS = 1;
/** Transfers whose thumbnails the page keeps. */
export const thumbnailTransfersMax = 32;

/** A received file below this is staged in one common file: opening thousands of parts would cost more than their bytes. */
export const packedFileMaxBytes = 256 * 1024;
/** Part files held open at once while receiving. */
export const openPartsMax = 64;
/** Of these, those that one transfer opens, writes, syncs or closes at once: an eighth of the host's threads where its share hangs. */
export const partCallsAtOnce = 8;
/** Kept transfers whose folders are looked into at once for the list: each may lie on a share that hangs. */
export const keptViewsAtOnce = 8;
/** Files that one start of `xattr` marks: their paths must fit into a command line of a quarter of a megabyte. */
export const xattrFilesAtOnce = 60;
/** Files linked into place, and files synced, at once: enough that their syncs share the disk's journal commits. */
export const publishAtOnce = 24;
/** From this many files on, one sync of the whole disk is cheaper than one each. */
export const syncTogetherFrom = 64;
/** While small files arrive the disk is synced after so many: rarely enough for a disk that others use too. */
export const syncEveryFiles = 4_096;
/** Files that the thread which makes them is given at once: messages vanish beside the work, and the list stays small. */
export const filesMadeAtOnce = 1_024;
/** Whole files that may wait to be made before blocks are taken more slowly. Some, because a disk pauses to sync. */
export const filesMadeBehindMax = 4_096;
/** The pack of small files is read this much at a time while it is taken apart; no smaller than what goes into it. */
export const packStretchBytes = 1024 * 1024;
/** A file that is copied to another disk goes there so much at a time: whoever cancels waits for one of these. */
export const copyStretchBytes = 1024 * 1024;
/** The journal trails the data by at most this much, or this long. */
export const journalEveryBlocks = 32;
export const journalEveryMs = 1_000;
/** Free space is looked at again after this many written blocks. */
export const roomCheckEveryBlocks = 16;
/** What arrived and whose sender has not heard of it is remembered this long: people come back within days, or not at all. */
export const publishedKeptMs = 30 * 86_400_000;
/**
 * The list of files that a sender could not read is written whole, and the sender chooses when it names the next one: after each
 * time there is a pause of so many times as long, but not longer than this.
 */
export const failedPauseTimes = 9;
export const failedPauseMaxMs = 1_000;
/**
 * Pauses between attempts to publish what the disk would not take, ten seconds in all: a virus scanner or an indexer lets
 * go within that, and a person waits that long.
 */
export const publishRetryMs: readonly number[] = [250, 500, 1_000, 2_000, 3_000, 3_250];
/**
 * Windows only: pauses between attempts to rename or remove a file that another program has open, 1.3 seconds in all. Scanners
 * mostly let go within that; whoever asked has a longer patience, or tells the person.
 */
export const fileInUseRetryMs: readonly number[] = [10, 20, 40, 80, 160, 320, 640];
/** Names tried (`x (2)`, `x (3)` …) before a destination is refused as full of them. */
export const freeNameTriesMax = 10_000;

/** Blocks a sender's disk reads before they are asked for: enough to hide the disk behind the network. */
export const readAheadBlocks = 4;
/**
 * Files that are asked about at once while a folder is listed: each answer alone would cost a turn of the event loop. On a share that hangs
 * each keeps one of the host's 64 threads (`shared/model/host-environment.json`).
 */
export const sourceFactsAtOnce = 16;
/** Picked files that are asked about at once. Each may lie on a share that hangs. */
export const stagedAtOnce = 2;
/** Dropped files that the browser is asked for at once: each answer comes from another process. */
export const droppedFilesAtOnce = 64;
/** Reads of one transfer at once: twice as many as let a disk be busy, and an eighth of the threads where its share hangs. */
export const sourceReadsAtOnce = 8;
/** From this many whole small files in a block on, a thread reads them one after the other. */
export const smallReadsFrom = 8;
/** A larger file is worth its own calls. */
export const smallReadMaxBytes = 64 * 1024;
/** A cold disk answers two at a time nearly twice as fast; more threads cost more to start than they give. */
export const smallReadThreads = 2;
/** Large source files held open. */
export const sourceHandlesMax = 32;

/** What a guest page holds in memory where its browser lets it store nothing else: a tab that takes much more is closed. */
export const guestMemoryMaxBytes = 512 * 1024 * 1024;

/** A reply delivered over the network is one code; a stranger who announces more is not listened to. */
export const replyMaxBytes = 511;
/** Strangers' connections at one invite: the oldest gives way, and one address cannot take all the places. */
export const replyConnectionsMax = 16;
export const replyConnectionsPerAddressMax = 2;
/** Of these, from outside by way of the router, where anybody may come from many addresses. */
export const replyOutsideConnectionsMax = 8;
/** One from outside is not pushed out before this: a proof takes two round trips. */
export const replyConnectionGraceMs = 500;
/** On a network that lets it through, a delivery takes a few round trips. */
export const replyListenDeadlineMs = 3_000;
/** First messages one invite answers. A delivery sends one to each address of the invite, and people try a few times. */
export const replyFirstMessagesMax = 256;
/**
 * Where the systems begin to give out ports: Linux at 32768, the others at 49152. A code's ports are from there, and services
 * that somebody could want to reach by way of a code are below.
 */
export const replyPortMin = 32_768;
export const replyDeliverDeadlineMs = 4_000;
/** macOS asks the person whether Tincan may use the local network; until the answer, a delivery is tried again this often. */
export const replyBlockedRetryMs = 2_000;
/** Time to read that question and to answer it. */
export const replyBlockedWaitMs = 60_000;

/** Remembered computers: every request on the network is looked up among them. */
export const rememberedPeersMax = 64;
/** Addresses kept of one of them: enough for a cable, a radio and a bridge or two. */
export const rememberedAddressesMax = 6;
/** How long the name of a request stays the same. Clocks of two computers may differ by as much. */
export const requestWindowMs = 600_000;
/** Own addresses that a request names, and leaves from. */
export const requestAddressesMax = 8;
/** A code as it stands in a request, always padded to this: the length tells nothing. */
export const requestCodeMaxBytes = 318;
/** New networks are listened on this soon: no system tells of them everywhere. */
export const rejoinGroupsMs = 10_000;
/** Requests are repeated while nobody answers: the first ones may meet a network that is still waking. */
export const requestAtMs: readonly number[] = [0, 200, 600, 1_400, 2_600, 4_200, 6_000];
/** A peer that has the newest secret answers sooner than this; one that has not is looked for under the older one. */
export const requestOlderSecretFromMs = 600;
export const discoveryDeadlineMs = 8_000;
/**
 * Fresh requests one remembered computer may make: people click a few times, then think. Each is remembered for three windows, so that a
 * recorded one is not answered again: at most 366 of each computer, and nobody takes the place of another one's.
 */
export const requestsPerSecond = 0.2;
export const requestsBurst = 6;
/** Datagrams that are being opened at once. Whoever saw one on the network can send copies of its name without end. */
export const datagramsOpenedAtOnce = 16;
/** A remembered computer whose link is down is called this long after the last attempt. With the attempt itself that stays
 * below the rate at which it listens. */
export const callBackAfterMs = 1_500;
/** It answered, and the connection does not come up: another attempt begins. */
export const callBackReachMs = 15_000;
/** Whose link has been down for so long takes a call of the same computer. Two standby connections were tried in vain by then. */
export const callTakenAfterDownMs = 60_000;
/** A link that nobody ended and that both sides know nothing of any more: for so long after its start a page looks for the other
 * computer. Both started again at once, or the other one is not coming. */
export const lastPeerCallMs = 300_000;
/** How often the answer to one request is sent again when the request is repeated. */
export const answersPerRequestMax = 8;

/** Connections of the direct lane whose other end is not proven yet: at most so many, each this long, and not all from one address. */
export const directHandshakesMax = 4;
export const directHandshakesPerAddressMax = 2;
export const directHandshakeMs = 5_000;
/** Proven connections of the peer that are not the lane: one dialled from each side, and one more from each after a change of network. */
export const directCandidatesMax = 4;
/** Blocks of memory that a host keeps for the next blocks: those that are read, sent, received and written at once. */
export const blocksKeptMax = 16;
/** And for how long once nothing moves any more. */
export const blocksKeptMs = 3_000;
/**
 * A block is encrypted and sent in pieces of this size: eight records of TLS. What was encrypted then still is in the processor's
 * cache when the system copies it; of pieces of 64 KiB there are too many.
 */
export const directPieceBytes = 128 * 1024;
/** Blocks that one direct lane has proven and written at once. Enough to keep a disk busy; reading waits beyond. */
export const directWritesAtOnce = 6;
/**
 * Blocks of the direct lane that may be on their way and unstored, where `creditMaxBlocks` is what data channels may have. The
 * host bounds what it holds of them by itself, so this bounds only what is sent again when the lane dies. Two tenths of a second
 * of a fast network, as pages hear of blocks in groups; and a range of `stored` may be as long in every version.
 */
export const directCreditMaxBlocks = 96;
/** Blocks in one word about what is stored: many times as many as are ever on their way. */
export const storedToldMaxBlocks = 1_024;
/**
 * Blocks that a page gives to its host before the first one has left: at least so many that reading, hashing and the socket work
 * side by side, at most what a fast network takes in the time below. What was given away no pause stops.
 */
export const directSendsMin = 8;
export const directSendsMax = 32;
/** More blocks are given to the host at once while it has sent the last ones sooner than this, fewer after four times as long. */
export const directSendsForMs = 150;
/** Of them the host reads and sends at once, of each transfer: memory stays flat, however many it was given. */
export const directReadsAtOnce = 4;
/**
 * Blocks of the direct lane in one call or event between a page and its host, and in one word to the other side. Each costs a
 * page and its browser up to a millisecond, whatever it carries.
 */
export const directBlocksPerCall = 16;
/** A stored block waits so long for others before the page hears of it, while others come. */
export const directReportMs = 80;
/**
 * Bytes on the direct lanes of one link of attempts that nobody expects, of transfers that are over and of blocks that are held, beyond
 * those that are stored meanwhile: twice what may be on its way when an attempt ends. Then somebody does not listen.
 */
export const directLateMaxBytes = 2 * directCreditMaxBlocks * blockBytes;
/**
 * Only the last block of a transfer is as small. One that is of no use counts as at least so many bytes, because the page is told of
 * every one; one below it costs no more memory than it holds.
 */
export const directSmallBytes = 64 * 1024;
/** Attempts of transfers whose blocks may come over the direct lane: more than can be under way. */
export const directAttemptsMax = 2 * transfersMaxLive;
/**
 * A direct lane on which the oldest block that is not stored has been the same for this long is given up, and rests: as long as
 * it takes to know that a link is silent. A slow disk stores one block after the other meanwhile.
 */
export const directStallMs = 10_000;
export const directStallLookMs = 1_000;
/** The first time, and where it stalls again before it has carried anything. */
export const directRestMs: readonly number[] = [10_000, 60_000];
/** A direct lane on which nothing comes is asked for a sign after this long; the system gives it up ten seconds later. */
export const directKeepAliveMs = 5_000;
/** After so long two hosts that did not meet try again: a firewall may have asked its person meanwhile. The last goes on. */
export const directAgainMs: readonly number[] = [6_000, 15_000, 60_000];
/**
 * A direct lane that ended sooner than this is dialled again after the same pauses, and from the second in a row on also used again only
 * then: its other end decides how soon it ends and comes up.
 */
export const directBriefMs = 10_000;
/** How often one control may say where a host listens. Every version says it once; each time that host is dialled at once. */
export const directPlacesMax = 4;

/**
 * The person's own router keeps a port open for this long without hearing of it: what a crash leaves open is closed by then.
 * It is asked again at half of it.
 */
export const routerLeaseSeconds = 300;
/** Eight codes with their replies, or a link with its standby connections and lanes; and the ports of TCP. */
export const routerMappingsMax = 24;
/** As many public addresses of IPv6 as a code has room for. */
export const routerV6AddressesMax = 2;
/** A code waits this long for the router, which answers within milliseconds once it is found. Later the code is made anew. */
export const routerGraceMs = 1_000;
/** As long as the host takes for that, and a little more. */
export const routerAnswerMs = 1_500;
/** No way to ask that answers within this is waited for. */
export const routerFindMs = 3_000;
/** Where another way answered first, the best one gets this much more. */
export const routerPreferMs = 150;
/** One question by UDP is sent at these times, and given up after that: a busy router needs a moment, a lost packet is lost. */
export const routerAskAtMs: readonly number[] = [0, 250, 750, 1_500];
export const routerAskMs = 2_500;
/**
 * The same of a pinhole that is to be opened: a busy router that gets the question twice takes the second one for a renewal, and
 * miniupnpd before 2.3.4 forgets with it whose the pinhole is. Then nobody can close it.
 */
export const pinholeAskAtMs: readonly number[] = [0, 1_500];
/** A port that nobody needs is closed within a second; a program that quits does not wait longer than this. */
export const routerUnmapMs = 900;
/**
 * A router that did not answer is looked for again after so long, while a port is wanted: it may be busy, or the network just came up. A
 * code on the screen has no port until then.
 */
export const routerAgainMs: readonly number[] = [5_000, 20_000, 60_000];
/** A no of the router is asked about again after this. */
export const routerForgetMs = 60_000;
/** However often the link says that it is down, the router is not asked for all ports more often than this. */
export const routerRenewPauseMs = 5_000;
/** The program of the system that names the gateway answers at once. */
export const routeProgramMs = 2_000;
/** Below this ports belong to services of the system: no router gives one out, and no code names one. */
export const portMin = 1_024;
/** UPnP: the gateway itself is asked first, its network only where it does not answer to that. */
export const ssdpDirectAtMs: readonly number[] = [0, 300];
export const ssdpMulticastAtMs: readonly number[] = [700, 1_500];
export const ssdpAnswerMaxBytes = 2_048;
/** Descriptions of routers are some ten kilobytes, answers to a question less than one. */
export const igdDescriptionMaxBytes = 128 * 1024;
export const soapAnswerMaxBytes = 16 * 1024;
export const gatewayHeadersMaxBytes = 8 * 1024;
export const gatewayHttpMs = 2_000;
/** Of a router with several lines each is asked whether it is in use. */
export const igdServicesMax = 4;
/** Ports that are tried outside where the wanted one is taken. */
export const igdPortTriesMax = 4;
/** What routers write is far from both. */
export const xmlElementsMax = 2_000;
export const xmlDepthMax = 24;

/** A process that is ending lets go of its data folder within this time, also where its disk takes its time. */
export const dataDirWaitMs = 10_000;
export const dataDirRetryMs = 50;
/** "Connect a phone": long enough to find the phone and to scan, and no longer. */
export const phonePageOpenMs = 10 * 60_000;
/** A timer stands still while the computer sleeps, so the clock is looked at this often. */
export const phonePageLookMs = 1_000;
/** Connections at once. A browser opens some of them in advance; the oldest that showed no path gives way. */
export const phoneConnectionsMax = 16;
export const phoneConnectionsPerAddressMax = 6;
/** A phone's browser sends about a kilobyte. */
export const phoneHeaderMaxBytes = 8 * 1024;
/** For a request to be here whole. */
export const phoneRequestDeadlineMs = 5_000;
/** For the page, some 3 MB, to be there over a slow wireless network. */
export const phoneAnswerDeadlineMs = 60_000;
/** For the phone to hear that its reply was taken. */
export const servedReplyWaitMs = 8_000;
/** A reply has less than 600 characters. */
export const phoneReplyMaxBytes = 2 * 1024;
/** Loads and replies of whoever knows the path: people scan twice and load again. */
export const phoneAnswersMax = 64;

/** Of the clipboard, when a person wants the code on it: an invite with its sentence has about 300 characters. */
export const clipboardMaxChars = 10_000;
