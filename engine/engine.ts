// The engine: transfers in both directions over one link. Commands in, events out; everything that touches a channel,
// a disk or the time comes in through ports.

import { randomHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import type { FaultView } from '../shared/model/fault.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { TransferId } from '../shared/model/transfer.ts';
import {
  type ControlMessage,
  type ControlOf,
  directLaneFeature,
  guestPageFeature,
  noteReceiptsFeature,
  pauseReasonsFeature,
  thumbnailFeature,
} from '../shared/wire/control.ts';
import { lanesMax, transfersMaxLive } from '../shared/wire/limits.ts';
import type { EngineCommand, EngineEvent, RefusalCode } from './commands.ts';
import { BulkChannels } from './lanes/bulk-channels.ts';
import { DirectLane } from './lanes/direct-lane.ts';
import { LanePool } from './lanes/lane-pool.ts';
import { LinkContext } from './link-context.ts';
import { MessageRouter } from './message-router.ts';
import type { ControlChannel, DirectHost, Disk, Lane, PickedFile, SourceFrom } from './ports.ts';
import { FrameAssembler } from './receive/frame-assembler.ts';
import { Resume } from './resume.ts';
import { isSendable, NoteSender } from './session/notes.ts';
import { PeerSession, type SessionReport } from './session/session.ts';
import { Ticker } from './ticker.ts';
import { Transfers } from './transfers.ts';

/** `channel` commands become `addControl` and `addLane`; File objects come beside `send-files`. */
export type EngineOrder = Exclude<EngineCommand, { do: 'channel' }>;

export interface Engine {
  command(order: EngineOrder, files?: readonly unknown[]): void;
  addControl(connection: ConnectionId, channel: ControlChannel): void;
  addLane(connection: ConnectionId, lane: Lane): void;
  close(): void;
}

/** What somebody wanted sent. */
type Asked = {
  readonly transfer?: TransferId;
  readonly text?: string;
  readonly note?: string;
  readonly wasTold?: true;
};

export type EngineOptions = {
  /** Never more lanes than this, whatever would be faster. For measuring. */
  readonly lanesMost?: number;
  /** Where the host can carry blocks to the other host. */
  readonly direct?: DirectHost;
  /** This is a guest page, and the other side is told so. */
  readonly isGuest?: boolean;
};

export function openEngine(
  disk: Disk,
  clock: Clock,
  emit: (event: EngineEvent) => void,
  options: EngineOptions = {},
): Engine {
  return new RunningEngine(disk, clock, emit, options);
}

class RunningEngine implements Engine {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #emit: (event: EngineEvent) => void;
  readonly #session: PeerSession;
  readonly #pool: LanePool;
  readonly #transfers: Transfers;
  readonly #directLane: DirectLane | undefined;
  readonly #bulkChannels: BulkChannels;
  readonly #ticker: Ticker;
  readonly #resume: Resume;
  readonly #router: MessageRouter;
  readonly #notes: NoteSender;
  /** Another one for another peer. */
  #context: LinkContext;
  /** Asked for while the handshake was under way. */
  #deferred: { readonly task: () => void; readonly asked: Asked }[] = [];

  constructor(
    disk: Disk,
    clock: Clock,
    emit: (event: EngineEvent) => void,
    { lanesMost = lanesMax, direct, isGuest = false }: EngineOptions,
  ) {
    const assembler = new FrameAssembler();
    this.#disk = disk;
    this.#clock = clock;
    this.#emit = emit;
    const features = [
      thumbnailFeature,
      pauseReasonsFeature,
      noteReceiptsFeature,
      ...(direct === undefined ? [] : [directLaneFeature]),
      ...(isGuest ? [guestPageFeature] : []),
    ];
    this.#session = new PeerSession(clock, features, emit, (report) => this.#onReport(report));
    this.#pool = new LanePool(emit);
    this.#directLane =
      direct && new DirectLane({ host: direct, clock, pool: this.#pool, assembler, session: this.#session, emit });
    this.#transfers = new Transfers(this.#pool, assembler);
    this.#bulkChannels = new BulkChannels({ pool: this.#pool, assembler, session: this.#session, emit });
    this.#ticker = new Ticker({
      clock,
      pool: this.#pool,
      transfers: this.#transfers,
      session: this.#session,
      lanesMost,
      emit,
    });
    this.#resume = new Resume(disk, this.#transfers);
    this.#router = new MessageRouter(this.#transfers, clock);
    this.#notes = new NoteSender(this.#session);
    // Before there is a link; no connection has this number.
    this.#context = this.#newContext(0);
  }

  addControl(connection: ConnectionId, channel: ControlChannel): void {
    this.#session.addControl(connection, channel);
  }

  addLane(connection: ConnectionId, lane: Lane): void {
    this.#bulkChannels.add(connection, lane);
  }

  command(order: EngineOrder, files: readonly unknown[] = []): void {
    switch (order.do) {
      case 'adopt':
        this.#resume.onAdopted(order.binding);
        if (order.fresh) this.#changePeer(order.connection);
        else this.#directLane?.controlChanged();
        this.#session.adopt(order.connection, order.fresh);
        this.#bulkChannels.use(order.connection);
        return;
      case 'lane':
        this.#bulkChannels.use(order.connection);
        return;
      case 'retire':
        this.#pool.retire(order.connection);
        return;
      case 'drop':
        this.#bulkChannels.drop(order.connection);
        this.#session.drop(order.connection);
        return;
      case 'link-state':
        this.#linkChanged(order.up);
        return;
      case 'peer-address':
        this.#directLane?.addressIs(order.address);
        return;
      case 'signal':
        this.#session.send({ type: 'link', body: order.body });
        return;
      case 'authorize':
        this.#context.peer = { name: order.peerName, checked: order.checked };
        this.#router.peerIs(order.remembered);
        this.#session.authorize();
        return;
      case 'end':
        this.#session.end(order.say);
        this.#parkAll();
        return;
      case 'identify':
        this.#session.identify(order.deviceName);
        return;
      case 'send-items':
        this.#onceOpen(
          () => this.#send((secret) => ({ is: 'items', secret, items: order.items }), order.transfer),
          order,
        );
        return;
      case 'send-files': {
        const picked: PickedFile[] = order.files.map(({ path, file }, at) => ({ path, file: files[at] ?? file }));
        this.#onceOpen(
          () =>
            this.#send(
              (secret) => ({ is: 'files', secret, files: picked, emptyFolders: order.emptyFolders }),
              order.transfer,
            ),
          order,
        );
        return;
      }
      case 'accept':
        this.#transfers.incoming(order.transfer)?.accept(order.conflict);
        return;
      case 'decline':
        this.#transfers.incoming(order.transfer)?.decline('transfer-refused');
        return;
      case 'pause':
        this.#transfers.find(order.transfer)?.pause(order.why);
        return;
      case 'resume':
      case 'cancel':
        this.#transfers.find(order.transfer)?.[order.do]();
        return;
      case 'discard':
        void this.#discard(order.transfer);
        return;
      case 'retry':
        this.#onceOpen(() => this.#transfers.find(order.transfer)?.retry(), {});
        return;
      case 'send-text':
        this.#onceOpen(() => this.#sendText(order.text.toWellFormed(), order.note), order);
        return;
      case 'nudge':
        this.#session.probe();
        return;
    }
  }

  close(): void {
    this.#session.end('nothing');
    this.#parkAll();
    this.#ticker.stop();
  }

  /** A page shows the link when its own person confirms; the other side's hello may still be on its way. */
  #onceOpen(task: () => void, asked: Asked): void {
    if (this.#session.isOpen) task();
    else if (!this.#session.isInHandshake) this.#refuse({ code: 'peer-left', message: 'there is no open link' }, asked);
    else if (this.#deferred.length < transfersMaxLive) this.#deferred.push({ task, asked });
    else this.#refuse({ code: 'bridge-busy', message: 'too much was asked for before the link is open' }, asked);
  }

  #send(from: (secret: string) => SourceFrom, id: TransferId = randomHex(16)): void {
    if (this.#transfers.sending().length >= transfersMaxLive) {
      this.#refuse({ code: 'bridge-busy', message: 'too many transfers at once' }, { transfer: id });
      return;
    }
    const secret = randomHex(32);
    void this.#transfers.addOutgoing(this.#context, id, from(secret), secret).open();
  }

  async #discard(transfer: TransferId): Promise<void> {
    const known = this.#transfers.find(transfer);
    if (known === undefined) await this.#resume.withdraw(transfer);
    else known.discard();
    this.#emit({ is: 'discarded', transfer });
  }

  #sendText(text: string, again: string | undefined): void {
    const asked = again === undefined ? { text } : { text, note: again };
    if (!isSendable(text)) {
      this.#refuse({ code: 'note-too-long', message: 'this text cannot be sent' }, asked);
      return;
    }
    const id = again ?? randomHex(16);
    if (!this.#notes.send({ id, text })) {
      this.#refuse({ code: 'bridge-busy', message: 'too many notes wait to be taken' }, asked);
      return;
    }
    this.#emit({ is: 'text', connection: this.#context.connection, text, fromPeer: false, note: id });
  }

  #onReport(report: SessionReport): void {
    switch (report.is) {
      case 'opened':
        this.#onLinkUp(report.features);
        break;
      case 'message':
        this.#onMessage(report.message);
        break;
      case 'refused':
        this.#parkAll();
        break;
    }
  }

  /** The one place for a link that is up: both sides have said hello, on the first control channel or another one. */
  #onLinkUp(features: readonly string[]): void {
    const context = this.#context;
    // The rest of a note whose channel is gone never comes.
    this.#router.reset();
    context.takesThumbnails = features.includes(thumbnailFeature);
    context.knowsPauseReasons = features.includes(pauseReasonsFeature);
    // Nobody waits for it.
    if (features.includes(directLaneFeature)) this.#directLane?.offer().catch(() => undefined);
    this.#linkChanged(true);
    context.controlChanged();
    for (const outgoing of this.#transfers.ended()) outgoing.repeatEnd();
    context.claimsSent = this.#resume.sendClaims(context);
    for (const outgoing of this.#transfers.sending()) outgoing.controlChanged();
    this.#notes.controlChanged(features.includes(noteReceiptsFeature));
    for (const { task } of this.#deferred.splice(0)) task();
  }

  #onMessage(message: ControlMessage): void {
    if (message.type === 'direct') this.#directLane?.onMessage(message);
    else if (message.type === 'text-received') this.#notes.confirmed(message.note);
    else if (message.type === 'claims') this.#resume.onClaims(message.claims, this.#context);
    else if (message.type === 'continue' && this.#transfers.find(message.transfer) === undefined) {
      void this.#resume.onContinue(message.transfer, message.tag, this.#context);
    } else if (isWithdrawal(message) && this.#transfers.find(message.transfer) === undefined) {
      void this.#resume.onWithdrawn(message, this.#context);
    } else this.#router.route(message, this.#context);
  }

  #linkChanged(up: boolean): void {
    if (up) this.#directLane?.linkIsUp();
    else this.#directLane?.linkIsDown();
    for (const transfer of this.#transfers.live()) transfer.linkChanged(up);
  }

  #parkAll(): void {
    for (const transfer of this.#transfers.all()) transfer.park();
    // These give back what they carry: a transfer that still ran would send it over another lane.
    this.#directLane?.close();
    this.#bulkChannels.linkEnded();
    this.#resume.reset();
    this.#router.reset();
    const fault = { code: 'peer-left', message: 'the link ended' } as const;
    for (const { id, text } of this.#notes.reset()) this.#refuse(fault, { text, note: id, wasTold: true });
    for (const { asked } of this.#deferred.splice(0)) this.#refuse(fault, asked);
  }

  /** Another peer, or the same one with a new code: only a matching proof brings a transfer back. */
  #changePeer(connection: ConnectionId): void {
    this.#parkAll();
    const all = this.#transfers.all();
    const transfers = this.#transfers.leaveAll();
    this.#resume.leave(all);
    if (transfers.length > 0) this.#emit({ is: 'transfers-left', transfers });
    this.#ticker.restart();
    this.#context.close();
    this.#context = this.#newContext(connection);
  }

  #newContext(connection: ConnectionId): LinkContext {
    return new LinkContext({
      connection,
      clock: this.#clock,
      disk: this.#disk,
      session: this.#session,
      transfers: this.#transfers,
      ticker: this.#ticker,
      directLane: this.#directLane,
      emit: this.#emit,
    });
  }

  #refuse(fault: FaultView & { readonly code: RefusalCode }, { transfer, text, note, wasTold }: Asked): void {
    this.#emit({
      is: 'refused',
      fault,
      ...(transfer === undefined ? {} : { transfer }),
      ...(text === undefined ? {} : { text }),
      ...(note === undefined ? {} : { note }),
      ...(wasTold === undefined ? {} : { wasTold }),
    });
  }
}

/** A person's cancel has no code. */
function isWithdrawal(message: ControlMessage): message is ControlOf<'cancel'> {
  return message.type === 'cancel' && message.code === undefined;
}
