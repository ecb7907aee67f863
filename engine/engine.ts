// The engine: transfers in both directions over one link. Commands in, events out; everything that touches a channel,
// a disk or the time comes in through ports.

import { randomHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import { Fault, type FaultView, toFaultView } from '../shared/model/fault.ts';
import type { TransferId } from '../shared/model/transfer.ts';
import { directLaneFeature } from '../shared/wire/control.ts';
import { lanesMax, transfersMaxLive } from '../shared/wire/limits.ts';
import type { ConnectionId, EngineCommand, EngineEvent } from './commands.ts';
import { LinkLanes } from './lanes/bulk-channels.ts';
import { DirectLane } from './lanes/direct-lane.ts';
import { LanePool } from './lanes/lane-pool.ts';
import { MessageRoutes } from './message-router.ts';
import type { ControlChannel, DirectHost, Disk, Lane, PickedFile, SourceFrom } from './ports.ts';
import { BlockInbox } from './receive/frame-assembler.ts';
import { TakingUp } from './resume/resume.ts';
import { isSendable, noteParts } from './session/notes.ts';
import { Session } from './session/session.ts';
import type { TransferHome } from './status/transfer-status.ts';
import { Pulse } from './ticker.ts';
import { Transfers } from './transfers.ts';

/** `channel` commands become `addControl` and `addLane`; File objects come beside `send-files`. */
export type EngineOrder = Exclude<EngineCommand, { do: 'channel' }>;

export interface Engine {
  command(order: EngineOrder, files?: readonly unknown[]): void;
  addControl(connection: ConnectionId, channel: ControlChannel): void;
  addLane(connection: ConnectionId, lane: Lane): void;
  close(): void;
}

export type EngineOptions = {
  /** Never more lanes than this, whatever would be faster. For measuring. */
  readonly lanesMost?: number;
  /** Where the host can carry blocks to the other host. */
  readonly direct?: DirectHost;
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
  readonly #session: Session;
  #home: TransferHome;
  readonly #direct: DirectLane | undefined;
  readonly #directHost: DirectHost | undefined;
  readonly #lanes: LinkLanes;
  readonly #pool = new LanePool((connection) => this.#emit({ is: 'lane-empty', connection }));
  readonly #inbox = new BlockInbox();
  readonly #transfers = new Transfers(this.#pool, this.#inbox);
  readonly #takingUp: TakingUp;
  #peer = { name: '', checked: false };
  readonly #routes: MessageRoutes;
  readonly #pulse: Pulse;
  /** Asked for while both sides were still greeting each other. */
  #held: (() => void)[] = [];

  constructor(disk: Disk, clock: Clock, emit: (event: EngineEvent) => void, options: EngineOptions) {
    this.#disk = disk;
    this.#clock = clock;
    this.#emit = emit;
    const features = options.direct === undefined ? [] : [directLaneFeature];
    this.#session = new Session(clock, { deviceName: 'Tincan', features }, emit, {
      greeted: (theirs) => this.#greeted(theirs),
      message: (message) => this.#routes.take(message),
      violated: () => {
        this.#direct?.close();
        this.#parkAll();
      },
    });
    this.#takingUp = new TakingUp({
      disk,
      transfers: this.#transfers,
      home: () => this.#home,
      say: (message) => this.#home.say(message),
    });
    this.#routes = new MessageRoutes({
      transfers: this.#transfers,
      takingUp: this.#takingUp,
      home: () => this.#home,
      emit,
      direct: (message) => this.#direct?.onMessage(message),
      violation: (why) => this.#session.violation(why),
    });
    const { direct } = options;
    this.#directHost = direct;
    this.#direct =
      direct &&
      new DirectLane({
        host: direct,
        clock,
        pool: this.#pool,
        inbox: this.#inbox,
        say: (message) => this.#session.say(message),
        violation: (why) => this.#session.violation(why),
        emit,
      });
    this.#lanes = new LinkLanes({ pool: this.#pool, inbox: this.#inbox, session: this.#session, emit });
    this.#pulse = new Pulse({
      clock,
      pool: this.#pool,
      transfers: this.#transfers,
      lanesMost: options.lanesMost ?? lanesMax,
      roundTripMs: () => this.#session.roundTripMs,
      emit,
    });
    this.#home = this.#newHome();
  }

  /** One for each peer: what was begun for an earlier one says nothing to the next. */
  #newHome(): TransferHome {
    const peer = { name: '', checked: false };
    this.#peer = peer;
    const home: TransferHome = {
      clock: this.#clock,
      disk: this.#disk,
      emit: this.#emit,
      peer: () => peer,
      say: (message) => {
        if (this.#home === home && this.#session.isOpen) this.#session.say(message);
      },
      claimed: () => this.#takingUp.claimed,
      roomToSay: () => this.#session.whenRoom(),
      violation: (why) => {
        if (this.#home === home) this.#session.violation(why);
      },
      stir: () => this.#pulse.stir(),
      expectDirect: (transfer, attempt) => {
        // A host that is gone ends the transfer by itself.
        this.#directHost?.expect(transfer, attempt).catch(() => undefined);
      },
      creditShare: () => this.#transfers.creditShare(),
      offeredBytes: () => this.#transfers.offeredBytes(),
    };
    return home;
  }

  addControl(connection: ConnectionId, channel: ControlChannel): void {
    this.#session.addControl(connection, channel);
  }

  addLane(connection: ConnectionId, lane: Lane): void {
    this.#lanes.add(connection, lane);
  }

  command(order: EngineOrder, files: readonly unknown[] = []): void {
    switch (order.do) {
      case 'adopt':
        this.#takingUp.adopted(order.binding);
        if (order.fresh) {
          this.#held = [];
          this.#direct?.close();
          this.#forgetPeer();
        }
        this.#session.adopt(order.connection, order.fresh);
        this.#lanes.use(order.connection);
        return;
      case 'lane':
        this.#lanes.use(order.connection);
        return;
      case 'retire':
        this.#lanes.retire(order.connection);
        return;
      case 'drop':
        this.#lanes.lose(order.connection)?.close();
        this.#session.drop(order.connection);
        return;
      case 'link-state':
        this.#linkChanged(order.up);
        return;
      case 'peer-address':
        this.#direct?.addressIs(order.address);
        return;
      case 'signal':
        this.#session.say({ type: 'link', body: order.body });
        return;
      case 'open-gate':
        this.#peer.name = order.peerName;
        this.#peer.checked = order.checked;
        this.#session.openGate();
        return;
      case 'end':
        this.#session.end(order.say);
        this.#direct?.close();
        this.#parkAll();
        return;
      case 'identify':
        this.#session.identify(order.deviceName);
        return;
      case 'send-items':
        this.#onceOpen(() => this.#send((secret) => ({ is: 'items', secret, items: order.items }), order.transfer));
        return;
      case 'send-files': {
        const picked: PickedFile[] = order.files.map(({ path, file }, at) => ({ path, file: files[at] ?? file }));
        this.#onceOpen(() =>
          this.#send(
            (secret) => ({ is: 'files', secret, files: picked, emptyFolders: order.emptyFolders }),
            order.transfer,
          ),
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
      case 'resume':
      case 'cancel':
        this.#transfers.find(order.transfer)?.[order.do]();
        return;
      case 'retry':
        this.#onceOpen(() => this.#transfers.find(order.transfer)?.retry());
        return;
      case 'send-text':
        this.#onceOpen(() => this.#sendText(order.text));
        return;
      case 'nudge':
        this.#session.probe();
        return;
    }
  }

  close(): void {
    this.#session.end('nothing');
    this.#direct?.close();
    this.#parkAll();
    this.#pulse.stop();
  }

  /** A page says "linked" when its own gate opens; the other side's greeting may still be on its way. */
  #onceOpen(task: () => void): void {
    if (this.#session.isOpen) task();
    else if (this.#session.isGreeting && this.#held.length < transfersMaxLive) this.#held.push(task);
    else this.#refuse(new Fault('transfer-refused', 'there is no open link'));
  }

  #send(from: (secret: string) => SourceFrom, id: TransferId = randomHex(16)): void {
    if (this.#transfers.sending().length >= transfersMaxLive) {
      this.#refuse(new Fault('transfer-refused', 'too many transfers at once'));
      return;
    }
    const secret = randomHex(32);
    // It ends its own faults.
    void this.#transfers.addOutgoing(this.#home, id, from(secret), secret).start();
  }

  #sendText(text: string): void {
    if (!isSendable(text)) {
      this.#refuse(new Fault('transfer-refused', 'this text cannot be sent'));
      return;
    }
    for (const part of noteParts(text)) this.#session.say(part);
    this.#emit({ is: 'text', text, fromPeer: false });
  }

  #greeted(features: readonly string[]): void {
    this.#linkChanged(true);
    // Nobody waits for it.
    if (features.includes(directLaneFeature)) this.#direct?.offer().catch(() => undefined);
    for (const incoming of this.#transfers.receiving()) incoming.greeted();
    for (const outgoing of this.#transfers.ended()) outgoing.sayAgain();
    this.#takingUp.greeted();
    for (const outgoing of this.#transfers.sending()) outgoing.carryOn();
    for (const task of this.#held.splice(0)) task();
  }

  #linkChanged(up: boolean): void {
    if (up) this.#direct?.linkIsUp();
    for (const transfer of this.#transfers.live()) {
      transfer.linkChanged(up);
    }
  }

  #parkAll(): void {
    for (const transfer of this.#transfers.all()) transfer.park();
    this.#takingUp.forget();
    this.#routes.forget();
  }

  /** Another peer, or the same one with a new code: only a matching claim brings a transfer back. */
  #forgetPeer(): void {
    this.#parkAll();
    this.#transfers.forgetAll();
    this.#home = this.#newHome();
  }

  #refuse(error: unknown): void {
    const fault: FaultView = toFaultView(error);
    this.#emit({ is: 'refused', fault });
  }
}
