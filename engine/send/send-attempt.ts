// One attempt to send a transfer. It opens with an offer or a `continue`, and owns whatever belongs to it alone: its id on the wire,
// what the receiver answered, the blocks in flight and the credit. A new attempt aborts this one.

import { randomHex } from '../../shared/model/bytes.ts';
import { type FaultCode, toFaultView } from '../../shared/model/fault.ts';
import { layOut, totalsOf } from '../../shared/model/layout.ts';
import type { ConnectionId } from '../../shared/model/link-channel.ts';
import type { IndexRange, Selection } from '../../shared/model/manifest.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { AttemptScope } from '../attempt-scope.ts';
import type { DirectBlock } from '../lanes/direct-sender.ts';
import type { TransferContext, TransferStatus } from '../status/transfer-status.ts';
import { type DigestCounts, OfferAnswer, sendOffer } from './offer-sender.ts';
import { SendQueue } from './send-queue.ts';
import type { SendEvent } from './send-state.ts';
import type { SentBlocks } from './sent-blocks.ts';
import { type SourceFiles, SourceReader } from './source-files.ts';
import { sendThumbnails } from './thumbnail-sender.ts';

/** What outlives an attempt. */
export type SendAttemptParts = {
  readonly context: TransferContext;
  readonly status: TransferStatus;
  readonly files: SourceFiles;
  readonly sent: SentBlocks;
  readonly secret: string;
  readonly digestCounts: DigestCounts;
  readonly notify: (event: SendEvent) => void;
};

export class SendAttempt {
  /** `tag` on the wire. */
  readonly id = Number.parseInt(randomHex(4), 16);
  readonly #parts: SendAttemptParts;
  readonly #scope: AttemptScope;
  readonly #answer: OfferAnswer;
  readonly #reader: SourceReader;
  /** From the accept on. */
  #queue: SendQueue | undefined;
  /** The hash over everything is being made. */
  #isCompleting = false;
  #isAskedAgain = false;
  /** A delivery counts once, however often it is announced. */
  #delivery: ControlOf<'delivered'> | undefined;

  constructor(parts: SendAttemptParts) {
    this.#parts = parts;
    this.#scope = new AttemptScope((error) => this.#fail(toFaultView(error).code));
    this.#answer = new OfferAnswer(parts.files.entries, parts.files.blocksMax);
    this.#reader = new SourceReader({ ...parts, scope: this.#scope });
  }

  get queue(): SendQueue | undefined {
    return this.#queue;
  }

  abort(): void {
    this.#scope.abort();
    this.#queue = undefined;
  }

  open(how: 'offer' | 'continue'): void {
    const { context, status, secret, files } = this.#parts;
    this.#scope.run(async () => {
      if (how === 'offer') {
        const { entries, thumbnail } = files;
        await sendOffer({ context, status, secret, attemptId: this.id, entries }, this.#scope);
        await sendThumbnails({ context, status, entries, thumbnail }, this.#scope);
      } else {
        // The receiver takes up what it knows from an earlier link only after it has seen the proof.
        await context.claimsSent;
        this.#scope.signal.throwIfAborted();
        context.send({ type: 'continue', transfer: status.id, tag: this.id });
      }
    });
  }

  onRanges(message: ControlOf<'choose' | 'held'>): void {
    if (!this.#answer.addRanges(message)) this.#parts.context.violation('ranges that are none');
  }

  /** Somebody accepts an earlier attempt: what was told before that belongs to it. */
  onStaleAccept(): void {
    this.#answer.forgetRanges();
  }

  onDigestRequest(indexes: readonly number[]): void {
    const { context, status, files, digestCounts } = this.#parts;
    if (!digestCounts.count(indexes, files.entries.length)) {
      context.violation('digest of what was not offered, or once too often');
      return;
    }
    this.#scope.run(() =>
      context.digestInTurn(async () => {
        // They accepted meanwhile: nobody waits for it.
        if (this.#scope.signal.aborted || this.#queue !== undefined) return;
        const digests = await this.#scope.own(files.source.digests(indexes));
        if (this.#queue === undefined) context.send({ type: 'digests', transfer: status.id, digests: [...digests] });
      }),
    );
  }

  start(message: ControlOf<'accept'>): void {
    const { context, status, sent } = this.#parts;
    const answer = this.#answer.read(message);
    if (answer === undefined) {
      context.violation('holds blocks that do not exist');
      return;
    }
    const queue = new SendQueue({
      ...answer,
      attemptId: this.id,
      scope: this.#scope,
      reader: this.#reader,
      sent,
      status,
      credit: message.credit,
      isDirect: () => context.hasDirectLane,
      onReady: (index) => this.#onReady(index),
    });
    this.#queue = queue;
    this.#setWanted(answer.selection);
    status.recount(queue.storedBytes);
    status.show();
    // Where they said that they pause, they may have said later, unheard, that they go on. Whoever pauses says so after the accept.
    status.unpauseByPeer();
    status.unpause('disk');
    this.#reader.repeatFaults();
    const why = status.personReason;
    if (why !== undefined) context.send({ type: 'pause', transfer: status.id, why });
    this.#scope.run(async () => {
      await this.#reader.select(answer.selection);
      await queue.open();
      this.advance();
    });
  }

  takeDirect(connection: ConnectionId): DirectBlock | undefined {
    const queue = this.#queue;
    const block = queue?.takeDirect(connection);
    if (queue === undefined || block === undefined) return undefined;
    return async () => {
      try {
        queue.onSent(block, connection, await this.#reader.sendDirect(this.id, block));
        this.advance();
      } catch (error) {
        if (!this.#scope.signal.aborted) this.#fail(toFaultView(error).code);
      }
    };
  }

  onStored(message: ControlOf<'stored'>): void {
    const why = this.#queue?.onStored(message);
    if (why === undefined) this.advance();
    else this.#parts.context.violation(why);
  }

  onNack(message: ControlOf<'nack'>): void {
    if (!this.#parts.sent.has(message.block)) {
      this.#parts.context.violation('a block asked for again that was not sent');
      return;
    }
    const code = this.#queue?.onNack(message);
    if (code === undefined) this.advance();
    else this.#fail(code);
  }

  /** Something may go on: a pause is over, or more is stored. */
  advance(): void {
    const { context, status } = this.#parts;
    const queue = this.#queue;
    if (queue !== undefined) status.count(queue.storedBytes);
    status.show();
    queue?.readAhead();
    context.schedule();
    if (queue?.isComplete !== true) return;
    if (this.#isCompleting) this.#isAskedAgain = true;
    else this.#complete(queue);
  }

  /** What they say to be in place has to be what was sent. */
  onDelivered(message: ControlOf<'delivered'>): void {
    const { context, status, files, sent, notify } = this.#parts;
    const { faults, faultCount } = message;
    const all = files.entries.length;
    if (faultCount > all || faultCount < faults.length || faults.some(({ index }) => index >= all)) {
      context.violation('a fault of no file');
      return;
    }
    if (this.#delivery !== undefined) return;
    this.#delivery = message;
    this.#scope.run(async () => {
      let root = status.rootHash ?? (await this.#rootOfRecords(message.root));
      // What was remembered may be damaged: the files tell.
      if (root !== message.root && sent.distrustRecords()) root = await this.#rootOfRecords();
      this.#scope.signal.throwIfAborted();
      if (root !== message.root) {
        this.#fail('hash-mismatch');
        return;
      }
      status.setDelivered({ root, faults, count: faultCount }, files.entries);
      notify({ is: 'confirmed' });
    });
  }

  #onReady(index: number | undefined): void {
    const { context, status, files } = this.#parts;
    status.currentPath = index === undefined ? undefined : files.entries[index]?.path;
    context.schedule();
  }

  #complete(queue: SendQueue): void {
    const { files, sent, status, notify } = this.#parts;
    this.#isCompleting = true;
    this.#isAskedAgain = false;
    this.#scope.run(async () => {
      const root = await this.#scope.own(sent.root());
      // Hashes may still be missing. Whoever adds them comes by here again, and may have done so while this waited.
      this.#isCompleting = root !== undefined;
      if (root === undefined) {
        if (this.#isAskedAgain) this.advance();
        return;
      }
      // Once they are told it, they may deliver by it, and the hashes that it was made of may be lost by then. Without it they prove it.
      await this.#scope.own(files.source.keepRoot(root).catch(() => undefined));
      status.rootHash = root;
      queue.stop();
      notify({ is: 'all-stored', root });
    });
  }

  /**
   * For a sender that did not send all of it in this run. Nothing where nobody ever chose what is wanted. The one that was announced is
   * not made again: where it is `theirs`, they have what was sent then.
   */
  async #rootOfRecords(theirs?: string): Promise<string | undefined> {
    const { files, sent } = this.#parts;
    const { selection, root } = await this.#scope.own(files.source.reopen());
    if (selection === undefined) return undefined;
    const { blocks } = this.#setWanted(selection);
    if (root !== undefined && root === theirs) return root;
    const all: readonly IndexRange[] = blocks === 0 ? [] : [[0, blocks]];
    sent.layOut(blocks);
    this.#reader.repeatFaults();
    await this.#reader.select(selection);
    await sent.fillHashes(this.#reader, all);
    return sent.root();
  }

  #setWanted(selection: Selection): { readonly blocks: number } {
    const { status, files } = this.#parts;
    const layout = layOut(files.entries, selection);
    status.wantedBytes = layout.totalBytes;
    status.wantedFiles = totalsOf(files.entries, selection).files;
    return layout;
  }

  #fail(code: FaultCode): void {
    this.#parts.notify({ is: 'broke', by: 'us', code });
  }
}
