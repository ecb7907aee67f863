// The contract between page and host, typed once. Two roles talk to the host, each over a port of its own:
// `ui` (the page) and `engine` (the Worker that moves bytes). A role can call only what its map names; inputs are
// parsed from unknown before a handler sees them. Both shells serve exactly this. The page never names a path: it holds ids.

import type { FaultCode, FaultView } from '../model/fault.ts';
import type { ManifestEntry, ManifestTotals, Selection, SkippedEntry } from '../model/manifest.ts';
import type { RouterView } from '../model/router-view.ts';
import { z } from '../model/schema.ts';
import type { EntryFault, FirewallAt } from '../model/transfer.ts';
import {
  blockBytes,
  blockPartsMax,
  codeMaxCandidates,
  deviceNameMaxChars,
  directBlocksPerCall,
  historyNoteMaxChars,
  linkMaxChars,
  liveCodesMax,
  manifestMaxEntries,
  pastedCodeMaxChars,
  replyPortMin,
  textsShownMax,
} from '../wire/limits.ts';
import { call } from './calls.ts';
import { type Settings, settingsSchema } from './settings.ts';
import {
  type AppFacts,
  conflictPolicies,
  type DestinationView,
  type HistoryItem,
  type HostItem,
  type OfferPlan,
  type OfferRow,
  type PhonePageEnd,
  type PhonePageView,
  type PickRequest,
  type ReceiveRecord,
  type RememberedPeerView,
  type SendRecord,
  type UnfinishedView,
} from './views.ts';

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
const codeText = z.string().max(pastedCodeMaxChars);
const opaqueId = z.string().min(1).max(64);
const transferId = hex(16);
const index = z.int().min(0).max(manifestMaxEntries);
const u32 = z.int().min(0).max(0xffff_ffff);
const blockIndex = u32;
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const selection = z.union([z.literal('all'), z.array(z.tuple([index, index]).readonly()).max(manifestMaxEntries)]);
/** Of those that systems give out: behind the others are services. */
const udpPort = z.int().min(replyPortMin).max(65_535);
const bytes = (max: number) =>
  z.instanceof(Uint8Array).refine((value) => value.byteLength <= max, { message: 'too many bytes' });

export const uiCalls = {
  'app.facts': call(z.strictObject({})).returns<AppFacts>(),
  /** All but the download folder: that only a person chooses, in a dialog. */
  'settings.write': call(settingsSchema.omit({ downloadDir: true }).partial()).returns<Settings>(),
  /** Asks the person in a dialog. */
  'settings.pickDownloadDir': call(z.strictObject({})).returns<Settings>(),

  'stage.pick': call(z.strictObject({ kind: z.enum(['files', 'folder']) })).returns<readonly HostItem[]>(),
  'stage.remove': call(z.strictObject({ id: opaqueId })).returns<void>(),
  /** Puts down once more what went into a transfer of this run. */
  'stage.again': call(z.strictObject({ transfer: transferId })).returns<readonly HostItem[]>(),

  /** Asks the person in a dialog. */
  'destination.pick': call(z.strictObject({})).returns<DestinationView | null>(),

  /** Fewer than `count` where their names are long. */
  'offer.rows': call(z.strictObject({ transfer: transferId, from: index, count: z.int().min(1).max(2000) })).returns<{
    readonly rows: readonly OfferRow[];
    readonly total: number;
  }>(),
  /** Plan anew for another destination. */
  'offer.replan': call(z.strictObject({ transfer: transferId, destination: opaqueId })).returns<OfferPlan>(),
  /** The person's yes to this list. Without it `receive.start` is refused. */
  'offer.grant': call(
    z.strictObject({
      transfer: transferId,
      manifestDigest: hex(32),
      selection,
      destination: opaqueId,
      conflict: z.enum(conflictPolicies),
    }),
  ).returns<void>(),

  /** The invites of this page that wait for a reply, all of them; the host listens for their replies and no others. */
  'lan.invites': call(z.strictObject({ codes: z.array(codeText).max(liveCodesMax) })).returns<void>(),
  /** Takes a reply to the private addresses that its invite names. */
  'lan.deliver': call(z.strictObject({ invite: codeText, reply: codeText })).returns<{
    readonly delivered: boolean;
  }>(),

  /** Serves the guest page to a phone on this network for a while, with an invite of this page. Once open, only the invite changes. */
  'phone.open': call(z.strictObject({ invite: codeText })).returns<PhonePageView>(),
  'phone.close': call(z.strictObject({})).returns<void>(),

  /**
   * Asks the person's own router to let others in to UDP ports of this computer, until they are shut: to those of these that are on
   * the router's network. How they are seen from outside; nothing where the router does not, or is not asked.
   */
  'router.open': call(
    z.strictObject({
      hosts: z.array(z.strictObject({ address: z.string().max(64), port: udpPort })).max(codeMaxCandidates),
    }),
  ).returns<readonly { readonly address: string; readonly port: number }[]>(),
  'router.shut': call(z.strictObject({ ports: z.array(udpPort).max(codeMaxCandidates) })).returns<void>(),
  /** The link is down: the router may have forgotten its ports. */
  'router.renew': call(z.strictObject({})).returns<void>(),
  /** Part of the network check. */
  'router.check': call(z.strictObject({})).returns<RouterView>(),

  'remembered.list': call(z.strictObject({})).returns<readonly RememberedPeerView[]>(),
  /** Both people agreed. `code` is the one that the other side was linked by: its private addresses are kept. */
  'remembered.remember': call(
    z.strictObject({
      secret: hex(32),
      side: z.enum(['inviter', 'replier']),
      name: z.string().max(256),
      code: codeText,
    }),
  ).returns<{ readonly id: string }>(),
  'remembered.change': call(
    z.strictObject({
      id: opaqueId,
      name: z.string().trim().min(1).max(deviceNameMaxChars).optional(),
      blocked: z.boolean().optional(),
      acceptMaxBytes: z.int().min(1).max(Number.MAX_SAFE_INTEGER).nullable().optional(),
      /** Back to the download folder. Another one is only chosen in a dialog. */
      acceptDir: z.null().optional(),
    }),
  ).returns<void>(),
  /** Asks the person in a dialog where to put what is accepted from it without asking. */
  'remembered.pickAcceptDir': call(z.strictObject({ id: opaqueId })).returns<void>(),
  /** That folder, as it is now. Null: the download folder. */
  'remembered.acceptDestination': call(z.strictObject({ id: opaqueId })).returns<DestinationView | null>(),
  'remembered.forget': call(z.strictObject({ id: opaqueId })).returns<void>(),
  /** Looks for it on the network. Nothing when it is not here, or does not answer. */
  'remembered.call': call(z.strictObject({ id: opaqueId, invite: codeText })).returns<{
    readonly reply: string;
    readonly name: string;
  } | null>(),
  /** The two met again: their next secret is made of the present one and of this value, which only the two know. */
  'remembered.renew': call(
    z.union([
      z.strictObject({ id: opaqueId, renewal: hex(32) }),
      z.strictObject({ request: hex(16), renewal: hex(32) }),
    ]),
  ).returns<void>(),
  /** A link with it is open, and is to be found again after a start. Null: it was ended. */
  'remembered.linked': call(z.strictObject({ id: opaqueId.nullable() })).returns<void>(),
  'remembered.answer': call(z.strictObject({ request: hex(16), reply: codeText })).returns<void>(),

  /**
   * Opens a file that was received. One that can run programs is asked about first: by the shell, whose answer may be `declined`; or, where
   * the shell has no dialogs, by the page (`asks`), which says then that the person confirmed it.
   */
  'transfer.open': call(z.strictObject({ transfer: transferId, isConfirmed: z.boolean() })).returns<{
    readonly at: 'opened' | 'asks' | 'declined';
  }>(),
  'transfer.reveal': call(z.strictObject({ transfer: transferId })).returns<void>(),
  'unfinished.list': call(z.strictObject({})).returns<readonly UnfinishedView[]>(),
  'unfinished.discard': call(z.strictObject({ transfer: transferId })).returns<void>(),
  /** Asks the person in a dialog for another folder. What is in the one before is received again. */
  'unfinished.move': call(z.strictObject({ transfer: transferId })).returns<{ readonly isMoved: boolean }>(),
  /** Puts in place what has arrived. Answers how many files that were. */
  'unfinished.publish': call(z.strictObject({ transfer: transferId })).returns<{ readonly published: number }>(),
  'history.list': call(z.strictObject({})).returns<readonly HistoryItem[]>(),
  'history.clear': call(z.strictObject({})).returns<void>(),
  /** Kept only where the person wants that. */
  'history.addNotes': call(
    z.strictObject({
      peerName: z.string().max(256),
      notes: z
        .array(z.strictObject({ text: z.string().max(historyNoteMaxChars), fromPeer: z.boolean() }))
        .min(1)
        .max(textsShownMax),
    }),
  ).returns<void>(),

  /** Desktop services: what a hidden window still shows. */
  'shell.progress': call(
    z.strictObject({ fraction: z.number().min(0).max(1).nullable(), busy: z.boolean() }),
  ).returns<void>(),
  'shell.notify': call(z.strictObject({ title: z.string().max(120), body: z.string().max(400) })).returns<void>(),
  /** In the person's browser. Anything but a link to the web is refused. */
  'shell.openLink': call(z.strictObject({ url: z.string().max(linkMaxChars) })).returns<void>(),
  'shell.copy': call(z.strictObject({ text: z.string().max(512 * 1024) })).returns<void>(),
  /** On a person's click, in shells whose page may not read the clipboard: the codes that are on it, and nothing else. */
  'shell.readCode': call(z.strictObject({})).returns<string | null>(),
  /** The scanner is open: the camera permission is granted only while this is on. */
  'shell.scanning': call(z.strictObject({ on: z.boolean() })).returns<void>(),
  'diagnostics.host': call(z.strictObject({})).returns<readonly { readonly name: string; readonly value: string }[]>(),
} as const;

export type UiEvents = {
  /** Files were dropped on the icon, or handed over by a second launch. It may take a while until they are looked at. */
  readonly opening: { readonly batch: number };
  /** What they are. `told`: how often `opening` was said of them. */
  readonly staged: {
    readonly batch: number;
    readonly told: number;
    readonly items: readonly HostItem[];
    /** Why there are none. */
    readonly fault?: FaultView;
  };
  /** The person asked the shell to send: the page calls `stage.pick`, and knows for whom. */
  readonly pick: PickRequest;
  readonly 'settings-changed': Settings;
  /** The machine's addresses changed, or it woke: codes want refreshing, links want a nudge. */
  readonly 'network-changed': { readonly why: 'addresses' | 'woke' };
  /** A `tincan:` link. It only ever fills the field. */
  readonly 'code-link': { readonly text: string };
  /** A reply to one of the page's invites came over the network. */
  readonly 'near-reply': { readonly text: string };
  /** The page for a phone is not served any more, and nobody asked for that. */
  readonly 'phone-closed': { readonly why: PhonePageEnd };
  /** A remembered computer asks for a reply to its invite. */
  readonly 'remembered-call': {
    readonly request: string;
    readonly id: string;
    readonly name: string;
    readonly invite: string;
  };
  readonly 'remembered-changed': readonly RememberedPeerView[];
  readonly 'router-changed': RouterView;
  /** A port is open later than its code was made, or another one outside: codes want making anew. */
  readonly 'router-moved': null;
  readonly 'unfinished-changed': null;
  /** Nobody is in front of the machine: the camera has nothing to look at. */
  readonly 'screen-locked': null;
  /** Another page took this host over. */
  readonly replaced: null;
};

export const engineCalls = {
  // sending
  /** Walk the items and fix the manifest. Sizes and times are remembered and re-checked at every read. */
  'send.open': call(
    z.strictObject({
      transfer: transferId,
      secret: hex(32),
      items: z.array(opaqueId).min(1).max(manifestMaxEntries),
      peerName: z.string().max(256),
    }),
  ).returns<{
    readonly title: string;
    readonly totals: ManifestTotals;
    /** The first of those that are not sent, and how many there are. */
    readonly skipped: readonly SkippedEntry[];
    readonly skippedCount: number;
  }>(),
  'send.manifest': call(z.strictObject({ transfer: transferId, from: index })).returns<{
    readonly entries: readonly ManifestEntry[];
    readonly next: number | null;
  }>(),
  'send.select': call(z.strictObject({ transfer: transferId, selection })).returns<void>(),
  /**
   * Bytes of one block of the selected stream, and their SHA-256, which is remembered for a resume. Files that failed read as
   * zeros and are named in `faults`, once.
   */
  'send.read': call(z.strictObject({ transfer: transferId, block: blockIndex })).returns<{
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly hash: Uint8Array<ArrayBuffer>;
    readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
  }>(),
  /** A piece of a file that is small enough to be looked into for a picture of it. Null: it is not, or cannot be read now. */
  'send.picture': call(z.strictObject({ transfer: transferId, index, from: count })).returns<{
    readonly bytes: Uint8Array<ArrayBuffer>;
  } | null>(),
  /** SHA-256 of whole files, for a receiver that asks whether it already has them. */
  'send.digests': call(z.strictObject({ transfer: transferId, indexes: z.array(index).min(1).max(256) })).returns<
    readonly (string | null)[]
  >(),
  /** Hashes of blocks that were read once, laid end to end, so that a resume need not read them again. */
  'send.known': call(
    z.strictObject({ transfer: transferId, from: blockIndex, count: z.int().min(1).max(4096) }),
  ).returns<{
    /** 32 zero bytes stand for "not known". */
    readonly hashes: Uint8Array;
  }>(),
  /** The hash over everything, before the receiver is told: what it delivers can be proven by it later, whatever the files are then. */
  'send.keepRoot': call(z.strictObject({ transfer: transferId, root: hex(32) })).returns<void>(),
  'send.reopen': call(z.strictObject({ transfer: transferId })).returns<SendRecord>(),
  'send.close': call(z.strictObject({ transfer: transferId, keep: z.boolean() })).returns<void>(),

  // receiving
  'receive.begin': call(
    z.strictObject({
      transfer: transferId,
      secret: hex(32),
      peerName: z.string().max(256),
      checked: z.boolean(),
    }),
  ).returns<void>(),
  /** Manifest parts in order, as they came; the host parses them itself. */
  'receive.entries': call(
    z.strictObject({ transfer: transferId, entries: z.array(z.unknown()).max(4096) }),
  ).returns<void>(),
  'receive.plan': call(z.strictObject({ transfer: transferId })).returns<OfferPlan>(),
  /** After the grant and with conflict `skip`: entries that exist with the same size, worth comparing by hash. */
  'receive.candidates': call(z.strictObject({ transfer: transferId, from: index })).returns<{
    readonly indexes: readonly number[];
    readonly next: number | null;
  }>(),
  'receive.compare': call(
    z.strictObject({
      transfer: transferId,
      digests: z.array(z.strictObject({ index, sha256: hex(32) })).max(256),
    }),
  ).returns<{ readonly same: readonly number[] }>(),
  /** Makes the staging folder and journal for the granted selection, or opens what an earlier run left. */
  'receive.start': call(
    z.strictObject({ transfer: transferId, leaveOut: z.array(index).max(manifestMaxEntries) }),
  ).returns<{
    readonly selection: Selection;
    readonly totalBytes: number;
    /** Files that were chosen. */
    readonly files: number;
    /** Blocks held, re-hashed and proven. */
    readonly have: readonly (readonly [number, number])[];
  }>(),
  /** Returns once the block is proven and written. The hash is kept for the next resume. The parts are given away. */
  'receive.write': call(
    z.strictObject({
      transfer: transferId,
      block: blockIndex,
      parts: z.array(bytes(blockBytes)).max(blockPartsMax),
      hash: bytes(32),
    }),
  ).returns<{ readonly filesDone: number }>(),
  'receive.fault': call(z.strictObject({ transfer: transferId, index, code: z.string().max(64) })).returns<void>(),
  /** All blocks are stored: fsync, publish without clobbering, fsync folders. */
  'receive.commit': call(z.strictObject({ transfer: transferId, root: hex(32) })).returns<{
    readonly published: number;
    readonly faults: readonly EntryFault[];
  }>(),
  'receive.room': call(z.strictObject({ transfer: transferId })).returns<{
    readonly neededBytes: number;
    readonly freeBytes: number;
  }>(),
  'receive.reopen': call(z.strictObject({ transfer: transferId })).returns<ReceiveRecord>(),
  /** `inPlace`: files of one that is thrown away that have their names already, and keep them. */
  'receive.close': call(z.strictObject({ transfer: transferId, keep: z.boolean() })).returns<{
    readonly inPlace: number;
  }>(),

  // the direct lane: blocks go from host to host and never enter the page
  /** Listens for the other host of this link, with a certificate of its own. Nothing where the person turned direct lanes off. */
  'direct.listen': call(z.strictObject({})).returns<{ readonly fingerprint: string; readonly port: number } | null>(),
  /**
   * What the other side told over the link, and the address that the link uses, where it is known: without it the other side can
   * only be let in. `direct-lane` follows if they meet, `direct-blocked` if they do not.
   */
  'direct.meet': call(
    z.strictObject({
      fingerprint: hex(32),
      address: z.string().max(64).optional(),
      port: z.int().min(1024).max(65_535),
    }),
  ).returns<void>(),
  /** Blocks with this attempt id are blocks of that transfer from now on, and those of its earlier attempts are late. */
  'direct.expect': call(z.strictObject({ transfer: transferId, attempt: u32 })).returns<void>(),
  /** Reads blocks and sends them; answers once the connection takes more, block by block. Not sent: the lane closed meanwhile. Gone: it had closed before the block was read. */
  'direct.send': call(
    z.strictObject({
      transfer: transferId,
      attempt: u32,
      blocks: z.array(blockIndex).min(1).max(directBlocksPerCall),
    }),
  ).returns<{
    /** Those of all blocks end to end: one piece of bytes costs a page as much as one block does. Zeros where nothing was read. */
    readonly hashes: Uint8Array<ArrayBuffer>;
    readonly outcomes: readonly (
      | {
          readonly is: 'read';
          readonly isSent: boolean;
          readonly faults: readonly { readonly index: number; readonly code: FaultCode }[];
        }
      | { readonly is: 'gone' }
      | { readonly is: 'fault'; readonly fault: FaultView }
    )[];
  }>(),
  /** Sends a block that the page read, of files that it holds itself. */
  'direct.sendBytes': call(
    z.strictObject({ attempt: u32, block: blockIndex, bytes: bytes(blockBytes), hash: bytes(32) }),
  ).returns<{ readonly isSent: boolean }>(),
  /** Closes the connection, not the listening: the link is down, and a dead connection would hold its blocks for minutes. */
  'direct.drop': call(z.strictObject({})).returns<void>(),
  'direct.close': call(z.strictObject({})).returns<void>(),

  // both
  /** The newest first; behind them what was discarded in this run, of which the other side has to hear. */
  'unfinished.claims': call(z.strictObject({})).returns<
    readonly {
      readonly id: string;
      readonly secret: string;
      readonly direction: 'send' | 'receive';
      readonly isDiscarded?: true;
    }[]
  >(),
  'history.add': call(
    z.strictObject({
      transfer: transferId,
      direction: z.enum(['send', 'receive']),
      title: z.string().max(1024),
      peerName: z.string().max(256),
      checked: z.boolean(),
      bytes: count,
      files: count,
      missing: count.optional(),
      missingFolders: count.optional(),
      state: z.enum(['done', 'declined', 'cancelled', 'failed']),
      rootHash: hex(32).optional(),
    }),
  ).returns<void>(),
} as const;

export type EngineEvents = {
  /** `refused`: the other side broke the rules on it. */
  readonly 'direct-lane': { readonly at: 'up' | 'down' | 'refused' };
  /** The other host was dialled in vain, and this is where a firewall is the likely reason. */
  readonly 'direct-blocked': { readonly at: FirewallAt };
  /** Blocks came over the direct lane. `hashes`: theirs, end to end. */
  readonly 'direct-blocks': {
    readonly hashes: Uint8Array<ArrayBuffer>;
    readonly blocks: readonly {
      readonly attempt: number;
      readonly block: number;
      /** `unexpected`: no transfer expects that attempt id, or not yet; nothing is kept. */
      readonly outcome:
        | { readonly is: 'stored'; readonly filesDone: number }
        | { readonly is: 'fault'; readonly code: FaultCode }
        | { readonly is: 'unexpected' };
    }[];
  };
};

export type UiCalls = typeof uiCalls;
export type EngineCalls = typeof engineCalls;
