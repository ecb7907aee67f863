// The engine: transfers in both directions over one link. Commands in, events out; everything that touches a channel,
// a disk or the time comes in through ports.

import { Fault, type FaultView, toFaultView } from '../model/fault.ts';
import type { TransferId } from '../model/transfer.ts';
import type { ControlMessage } from '../wire/control.ts';
import {
  creditMaxBlocks,
  endedKeptMax,
  lanesMax,
  resumeClaimsMax,
  textMaxBytes,
  transfersMaxLive,
} from '../wire/limits.ts';
import { BlockInbox } from './block-inbox.ts';
import { randomHex, sha256, toHex } from './block-set.ts';
import type { ConnectionId, EngineCommand, EngineEvent } from './desk.ts';
import { type Governor, governorAtRest, lanesWanted, nextGovernor } from './lane-governor.ts';
import { LanePool } from './lane-pool.ts';
import type { Clock, ControlChannel, Disk, Lane, PickedFile, SourceFrom } from './ports.ts';
import { Incoming } from './run-receive.ts';
import { Outgoing } from './run-send.ts';
import { Session } from './session.ts';
import type { TransferHome } from './transfer-record.ts';

const progressEveryMs = 100;
const textPartChars = 12_000;

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
  readonly #home: TransferHome;
  readonly #outgoing = new Map<TransferId, Outgoing>();
  readonly #incoming = new Map<TransferId, Incoming>();
  readonly #lanes = new Map<ConnectionId, Lane>();
  readonly #pool = new LanePool();
  readonly #inbox = new BlockInbox();
  readonly #claimed = new Set<TransferId>();
  #binding: Uint8Array = new Uint8Array();
  #fresh = true;
  #peer = { name: '', checked: false };
  readonly #options: EngineOptions;
  #governor: Governor = governorAtRest;
  #bufferedBytes = 0;
  #governedAtMs = 0;
  #wanted = 1;
  #cancelTick: (() => void) | undefined;
  #text: string[] = [];
  #stirring = false;
  /** Asked for while both sides were still greeting each other. */
  #held: (() => void)[] = [];
  #claiming: Promise<void> = Promise.resolve();
  #matching: Promise<void> = Promise.resolve();

  constructor(disk: Disk, clock: Clock, emit: (event: EngineEvent) => void, options: EngineOptions) {
    this.#options = options;
    this.#disk = disk;
    this.#clock = clock;
    this.#emit = emit;
    this.#session = new Session(clock, 'Tincan', emit, {
      greeted: () => this.#greeted(),
      message: (message) => this.#onMessage(message),
      violated: () => this.#parkAll(),
    });
    this.#home = {
      clock,
      disk,
      emit,
      peer: () => this.#peer,
      say: (message) => {
        if (this.#session.isOpen) {
          this.#session.say(message);
        }
      },
      roomToSay: () => this.#session.whenRoom(),
      violation: (why) => this.#session.violation(why),
      stir: () => this.#stir(),
      creditShare: () => this.#creditShare(),
      offeredBytes: () => live(this.#incoming).reduce((sum, { offeredBytes }) => sum + offeredBytes, 0),
    };
  }

  addControl(connection: ConnectionId, channel: ControlChannel): void {
    this.#session.addControl(connection, channel);
  }

  addLane(connection: ConnectionId, lane: Lane): void {
    this.#lanes.set(connection, lane);
    lane.onMessage((message) => {
      this.#session.heard();
      if (typeof message === 'string') {
        return this.#session.violation('text on a bulk channel');
      }
      if (!this.#session.isPastGate) {
        return this.#session.violation('bytes before the gate');
      }
      const why = this.#inbox.take(connection, message);
      if (why !== undefined) {
        this.#session.violation(why);
      }
    });
    lane.onClose(() => {
      if (this.#lanes.get(connection) !== lane) {
        return;
      }
      this.#loseLane(connection);
      this.#emit({ is: 'channel-closed', connection, role: 'bulk' });
    });
  }

  command(order: EngineOrder, files: readonly unknown[] = []): void {
    switch (order.do) {
      case 'adopt':
        this.#binding = order.binding;
        this.#fresh = order.fresh;
        if (order.fresh) {
          this.#held = [];
          this.#forgetPeer();
        }
        this.#session.adopt(order.connection, order.fresh);
        this.#takeLane(order.connection);
        return;
      case 'lane':
        this.#takeLane(order.connection);
        return;
      case 'drop':
        this.#loseLane(order.connection)?.close();
        this.#session.drop(order.connection);
        return;
      case 'link-state':
        this.#linkChanged(order.up);
        return;
      case 'signal':
        this.#session.say({ type: 'link', body: order.body });
        return;
      case 'open-gate':
        this.#peer = { name: order.peerName, checked: order.checked };
        this.#session.openGate();
        return;
      case 'end':
        this.#session.end(order.say);
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
        this.#incoming.get(order.transfer)?.accept(order.conflict);
        return;
      case 'decline':
        this.#incoming.get(order.transfer)?.decline('transfer-refused');
        return;
      case 'pause':
      case 'resume':
      case 'cancel':
        (this.#outgoing.get(order.transfer) ?? this.#incoming.get(order.transfer))?.[order.do]();
        return;
      case 'retry':
        void this.#outgoing.get(order.transfer)?.reopen();
        this.#incoming.get(order.transfer)?.retry();
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
    this.#parkAll();
    this.#cancelTick?.();
  }

  /** A page says "linked" when its own gate opens; the other side's greeting may still be on its way. */
  #onceOpen(task: () => void): void {
    if (this.#session.isOpen) task();
    else if (this.#session.isGreeting && this.#held.length < transfersMaxLive) this.#held.push(task);
    else this.#refuse(new Fault('transfer-refused', 'there is no open link'));
  }

  #send(from: (secret: string) => SourceFrom, id: TransferId = randomHex(16)): void {
    if (live(this.#outgoing).length >= transfersMaxLive) {
      this.#refuse(new Fault('transfer-refused', 'too many transfers at once'));
      return;
    }
    const secret = randomHex(32);
    // It ends its own faults.
    void this.#addOutgoing(id, from(secret), secret).start();
  }

  #addOutgoing(id: TransferId, from: SourceFrom, secret: string): Outgoing {
    const outgoing = new Outgoing(this.#home, id, this.#disk.source(id, from), secret);
    this.#outgoing.set(id, outgoing);
    this.#pool.addSupply(outgoing);
    return outgoing;
  }

  #addIncoming(id: TransferId): Incoming {
    const incoming = new Incoming(this.#home, id, this.#disk.sink(id), this.#inbox);
    this.#incoming.set(id, incoming);
    for (const [oldest, { isOver }] of this.#incoming) {
      if (this.#incoming.size <= endedKeptMax) break;
      if (isOver) this.#incoming.delete(oldest);
    }
    return incoming;
  }

  #sendText(text: string): void {
    if (!text.isWellFormed() || new TextEncoder().encode(text).byteLength > textMaxBytes) {
      this.#refuse(new Fault('transfer-refused', 'this text cannot be sent'));
      return;
    }
    const units = [...text];
    for (let at = 0, part = 0; at < Math.max(1, units.length); at += textPartChars, part += 1) {
      const last = at + textPartChars >= units.length;
      this.#session.say({ type: 'text', part, last, text: units.slice(at, at + textPartChars).join('') });
    }
    this.#emit({ is: 'text', text, fromPeer: false });
  }

  #onText(part: number, last: boolean, text: string): void {
    if (part !== this.#text.length) {
      this.#session.violation('text parts out of order');
      return;
    }
    this.#text.push(text);
    const whole = this.#text.join('');
    if (new TextEncoder().encode(whole).byteLength > textMaxBytes) {
      this.#session.violation('text too long');
      return;
    }
    if (!last) {
      return;
    }
    this.#text = [];
    this.#emit({ is: 'text', text: whole, fromPeer: true });
  }

  #onMessage(message: ControlMessage): void {
    if (message.type === 'text') {
      this.#onText(message.part, message.last, message.text);
      return;
    }
    if (message.type === 'claims') {
      this.#matching = this.#matchClaims(message.claims);
      return;
    }
    if (!('transfer' in message)) {
      this.#session.violation(`${message.type} out of turn`);
      return;
    }
    const { transfer } = message;
    if (message.type === 'offer') {
      this.#offered(message);
      return;
    }
    const target = this.#outgoing.get(transfer) ?? this.#incoming.get(transfer);
    if (target !== undefined) {
      target.onMessage(message);
      return;
    }
    if (message.type !== 'continue') {
      this.#session.violation(`${message.type} for no transfer`);
      return;
    }
    void this.#continueKept(transfer, message.tag);
  }

  async #continueKept(transfer: TransferId, tag: number): Promise<void> {
    await this.#matching;
    if (this.#claimed.delete(transfer)) {
      return this.#addIncoming(transfer).reopen(tag);
    }
    this.#session.say({ type: 'decline', transfer, code: 'transfer-unknown' });
  }

  #offered(offer: Extract<ControlMessage, { type: 'offer' }>): void {
    const known = this.#incoming.get(offer.transfer);
    if (this.#outgoing.has(offer.transfer) || (known !== undefined && known.state !== 'listing')) {
      this.#session.violation('a transfer offered twice');
      return;
    }
    if (known === undefined && live(this.#incoming).length >= transfersMaxLive) {
      this.#session.violation('too many offers');
      return;
    }
    (known ?? this.#addIncoming(offer.transfer)).offered(offer);
  }

  #greeted(): void {
    this.#linkChanged(true);
    for (const outgoing of live(this.#outgoing)) {
      outgoing.carryOn();
    }
    if (this.#fresh) {
      this.#claiming = this.#claim();
    }
    for (const task of this.#held.splice(0)) task();
  }

  /** Proves to the same peer, and tells nobody else, which unfinished transfers this side still has. */
  async #claim(): Promise<void> {
    const kept = (await this.#disk.claims().catch(() => [])).slice(0, resumeClaimsMax);
    const claims = await Promise.all(kept.map(({ secret, direction }) => claimOf(secret, this.#binding, direction)));
    if (this.#session.isOpen) {
      this.#session.say({ type: 'claims', claims });
    }
  }

  async #matchClaims(theirs: readonly string[]): Promise<void> {
    await this.#claiming;
    const kept = (await this.#disk.claims().catch(() => [])).slice(0, resumeClaimsMax);
    for (const { id, secret, direction } of kept) {
      const other = direction === 'send' ? 'receive' : 'send';
      if (!theirs.includes(await claimOf(secret, this.#binding, other))) {
        continue;
      }
      if (direction === 'receive') {
        this.#claimed.add(id);
        continue;
      }
      const known = this.#outgoing.get(id);
      await (known ?? this.#addOutgoing(id, { is: 'kept' }, secret)).reopen();
    }
  }

  #linkChanged(up: boolean): void {
    for (const transfer of [...live(this.#outgoing), ...live(this.#incoming)]) {
      transfer.linkChanged(up);
    }
  }

  #parkAll(): void {
    for (const transfer of [...live(this.#outgoing), ...live(this.#incoming)]) {
      transfer.park();
    }
    this.#claimed.clear();
    this.#text = [];
  }

  /** Another peer, or the same one with a new code: only a matching claim brings a transfer back. */
  #forgetPeer(): void {
    this.#parkAll();
    for (const outgoing of this.#outgoing.values()) {
      this.#pool.removeSupply(outgoing);
    }
    this.#outgoing.clear();
    this.#incoming.clear();
  }

  #takeLane(connection: ConnectionId): void {
    const lane = this.#lanes.get(connection);
    if (lane !== undefined) {
      this.#pool.add(connection, lane);
    }
  }

  #loseLane(connection: ConnectionId): Lane | undefined {
    const lane = this.#lanes.get(connection);
    this.#lanes.delete(connection);
    this.#inbox.laneLost(connection);
    this.#pool.remove(connection);
    return lane;
  }

  #creditShare(): number {
    const drawing = [...this.#incoming.values()].filter((one) => one.isDrawing).length;
    return Math.max(2, Math.floor(creditMaxBlocks / Math.max(1, drawing)));
  }

  /** Coalesced: many blocks may end in one turn. */
  #stir(): void {
    if (this.#stirring) {
      return;
    }
    this.#stirring = true;
    queueMicrotask(() => {
      this.#stirring = false;
      this.#pool.pump();
      this.#cancelTick ??= this.#clock.after(progressEveryMs, () => this.#tick());
    });
  }

  #tick(): void {
    const moving = [...live(this.#outgoing), ...live(this.#incoming)];
    this.#cancelTick = moving.length > 0 ? this.#clock.after(progressEveryMs, () => this.#tick()) : undefined;
    const now = this.#clock.now();
    const elapsedMs = Math.max(1, now - this.#governedAtMs);
    this.#governedAtMs = now;
    const samples = this.#pool.samples();
    const lanes = samples.map(({ connection, sentBytes, bufferedBytes }) => ({
      lane: connection,
      bytesPerSecond: Math.round((sentBytes * 1000) / elapsedMs),
      bufferedBytes,
    }));
    const shown = [...this.#outgoing.values(), ...this.#incoming.values()].filter(
      (one) => !one.isOver || moving.length === 0,
    );
    this.#emit({ is: 'progress', transfers: shown.map(({ record }) => record.progress()), lanes });
    const sending = live(this.#outgoing);
    const put = samples.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    const buffered = samples.reduce((sum, { bufferedBytes }) => sum + bufferedBytes, 0);
    this.#governor = nextGovernor(this.#governor, {
      elapsedMs,
      bytes: Math.max(0, put + this.#bufferedBytes - buffered),
      remainingBytes: sending.reduce((sum, one) => sum + one.remainingBytes, 0),
      lanes: samples.length,
      busy: sending.some((one) => one.isHungry),
      roundTripMs: this.#session.roundTripMs,
    });
    this.#bufferedBytes = buffered;
    const count = Math.min(lanesWanted(this.#governor), this.#options.lanesMost ?? lanesMax);
    if (count === this.#wanted) {
      return;
    }
    this.#wanted = count;
    this.#emit({ is: 'want-lanes', count });
  }

  #refuse(error: unknown): void {
    const fault: FaultView = toFaultView(error);
    this.#emit({ is: 'refused', fault });
  }
}

function live<T extends { readonly isOver: boolean }>(transfers: ReadonlyMap<TransferId, T>): T[] {
  return [...transfers.values()].filter((one) => !one.isOver);
}

/** Nobody can tell a claim from noise without the secret, nor use it on another link. */
async function claimOf(secret: string, binding: Uint8Array, direction: 'send' | 'receive'): Promise<string> {
  return toHex(await sha256(new TextEncoder().encode(`tincan/resume/1|${secret}|${toHex(binding)}|${direction}`)));
}
