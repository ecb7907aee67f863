// One real transfer or session, brought into a state and given an input, for the tables in docs/STATES.md. What it needs of its link is
// recorded, and the host answers when the test lets it.

import { createHash } from 'node:crypto';
import type { Sink, Source } from '../../../engine/ports.ts';
import { FrameAssembler } from '../../../engine/receive/frame-assembler.ts';
import { IncomingTransfer } from '../../../engine/receive/incoming-transfer.ts';
import type { ReceiveState } from '../../../engine/receive/receive-state.ts';
import { OutgoingTransfer } from '../../../engine/send/outgoing-transfer.ts';
import type { SendState } from '../../../engine/send/send-state.ts';
import { PeerSession } from '../../../engine/session/session.ts';
import type { TransferContext } from '../../../engine/status/transfer-status.ts';
import { Fault, type FaultCode } from '../../../shared/model/fault.ts';
import { type ControlMessage, wireVersion } from '../../../shared/wire/control.ts';
import { encodeFrame } from '../../../shared/wire/frame.ts';
import { controlOver, MemoryDisk, realClock, wirePair } from './engine-pair.ts';
import { entries, id, manifest, offer, settle } from './scripted-peer.ts';

const bytes = new Uint8Array(3000);
const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
const root = createHash('sha256').update(hash).digest('hex');

/** How a test brings a machine into a state, and what it may do to it then. */
export type Machine = {
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly inputs: readonly string[];
  /** The cell: the next state, `·` where nothing changes, `✕` where the link ends. */
  cell(path: readonly string[], input: string): Promise<string>;
};

function recordedLink(): TransferContext & { readonly sent: ControlMessage[]; readonly violations: string[] } {
  const { signal } = new AbortController();
  const [sent, violations]: [ControlMessage[], string[]] = [[], []];
  return {
    sent,
    violations,
    clock: realClock,
    disk: new MemoryDisk(),
    peer: { name: 'peer', checked: true },
    connection: 1,
    signal,
    controlSignal: signal,
    claimsSent: Promise.resolve(),
    send: (message) => void sent.push(message),
    whenRoom: () => Promise.resolve(),
    emit: () => undefined,
    violation: (why) => void violations.push(why),
    schedule: () => undefined,
    digestInTurn: (answer) => answer(),
    creditShare: () => 4,
    hasDirectLane: false,
    takesThumbnails: false,
    knowsPauseReasons: true,
    expectDirect: () => undefined,
    offeredBytes: () => 0,
  };
}

/** An answer of the host that the test gives when it likes. */
class Answer {
  readonly #given = Promise.withResolvers<void>();

  constructor() {
    // Nobody may be waiting when it fails.
    this.#given.promise.catch(() => undefined);
  }

  give = (): void => this.#given.resolve();
  fail = (code: FaultCode = 'disk-error'): void => this.#given.reject(new Fault(code, 'no'));
  wait(): Promise<void> {
    return this.#given.promise;
  }
}

function cellOf(before: string, after: string, violations: readonly unknown[]): string {
  if (violations.length > 0) return '✕';
  return before === after ? '·' : after;
}

function outgoing(isKept: boolean) {
  const link = recordedLink();
  const disk = link.disk as MemoryDisk;
  disk.files = [{ path: ['a'], bytes }];
  disk.sends.set(id, '00');
  disk.chosen.set(id, 'all');
  const [opened, reopened] = [new Answer(), new Answer()];
  const memory = disk.source(id, { is: 'items', secret: '00', items: ['a'] });
  const source: Source = {
    ...memory,
    open: (name) => opened.wait().then(() => memory.open(name)),
    reopen: () => reopened.wait().then(() => memory.reopen()),
    select: () => Promise.resolve(),
  };
  const transfer = new OutgoingTransfer({ context: link, id, source, secret: '00', isKept });
  void transfer.open();
  const tag = () => {
    const last = link.sent.findLast(({ type }) => type === 'offer' || type === 'continue');
    return last !== undefined && 'tag' in last ? last.tag : 0;
  };
  const on = (message: object) => transfer.onMessage({ transfer: id, ...message } as ControlMessage);
  const inputs: Readonly<Record<string, () => void>> = {
    'the host lists the files': () => opened.give(),
    'the host opens its record': () => reopened.give(),
    'the host cannot open its record': () => reopened.fail(),
    'Try again': () => transfer.retry(),
    again: () => on({ type: 'again' }),
    'another control channel': () => transfer.controlChanged(),
    accept: () => on({ type: 'accept', tag: tag(), all: true, credit: 4 }),
    decline: () => on({ type: 'decline' }),
    'decline, not known': () => on({ type: 'decline', code: 'transfer-unknown' }),
    'everything is stored': () => {
      transfer.take(1);
      on({ type: 'stored', tag: tag(), ranges: [[0, 1]], credit: 4 });
    },
    delivered: () => {
      // Whoever asks the host for the root needs its record.
      if (transfer.state.at !== 'reopening' && transfer.state.at !== 'preparing') reopened.give();
      on({ type: 'delivered', root, faults: [], faultCount: 0 });
    },
    'Cancel, or theirs': () => on({ type: 'cancel' }),
    'it broke there': () => on({ type: 'cancel', code: 'disk-error' }),
    'the link is gone for good': () => transfer.park(),
  };
  return { transfer, link, inputs };
}

function nameOfSend(state: SendState): string {
  if (state.at === 'preparing') return state.kept ? 'preparing (kept)' : 'preparing';
  return state.at === 'resuming' && state.accepted ? 'resuming (accepted)' : state.at;
}

const listed = 'the host lists the files';
export const sendMachine: Machine = {
  states: {
    preparing: [],
    'preparing (kept)': ['kept'],
    offered: [listed],
    resuming: [listed, 'another control channel'],
    'resuming (accepted)': [listed, 'accept', 'another control channel'],
    sending: [listed, 'accept'],
    verifying: [listed, 'accept', 'everything is stored'],
    done: [listed, 'accept', 'everything is stored', 'delivered'],
    declined: [listed, 'decline'],
    cancelled: [listed, 'Cancel, or theirs'],
    failed: [listed, 'it broke there'],
    reopening: [listed, 'it broke there', 'Try again'],
  },
  inputs: Object.keys(outgoing(false).inputs),
  async cell(path, input) {
    const isKept = path[0] === 'kept';
    const { transfer, link, inputs } = outgoing(isKept);
    for (const one of isKept ? [] : path) {
      inputs[one]!();
      await settle(20);
    }
    const before = nameOfSend(transfer.state);
    inputs[input]!();
    await settle(30);
    return cellOf(before, nameOfSend(transfer.state), link.violations);
  },
};

function incoming() {
  const link = recordedLink();
  const assembler = new FrameAssembler();
  let published = new Answer();
  let started = new Answer();
  const memory = (link.disk as MemoryDisk).sink(id);
  const sink: Sink = {
    ...memory,
    start(leaveOut) {
      started = new Answer();
      return started.wait().then(() => memory.start(leaveOut));
    },
    commit(all) {
      published = new Answer();
      return published.wait().then(() => memory.commit(all));
    },
  };
  const after = Promise.resolve();
  const transfer = new IncomingTransfer({ context: link, id, sink, assembler, after });
  transfer.onOffer(offer as Parameters<typeof transfer.onOffer>[0]);
  let attempt = offer.tag;
  const on = (message: object) => transfer.onMessage({ transfer: id, ...message } as ControlMessage);
  const inputs: Readonly<Record<string, () => void>> = {
    offer: () => transfer.onOffer({ ...offer, tag: ++attempt } as Parameters<typeof transfer.onOffer>[0]),
    'the last part of the list': () => on({ ...manifest, entries }),
    Accept: () => transfer.accept('keep-both'),
    Decline: () => transfer.decline(),
    'the host has laid it out': () => started.give(),
    'complete, with everything stored': () => {
      assembler.take(1, encodeFrame({ tag: attempt, block: 0, offset: 0 }, bytes, hash));
      void settle(10).then(() => on({ type: 'complete', tag: attempt, root }));
    },
    'complete, too early': () => on({ type: 'complete', tag: attempt, root }),
    'the host has published it': () => published.give(),
    'the host cannot': () => {
      started.fail();
      published.fail();
    },
    'the disk is full': () => published.fail('disk-full'),
    Resume: () => transfer.resume(),
    continue: () => transfer.onContinue(++attempt),
    'Cancel, or theirs': () => transfer.cancel(),
    'it broke there': () => on({ type: 'cancel', code: 'source-unreadable' }),
    'Try again, and they do not have it': () => {
      transfer.retry();
      if (link.sent.at(-1)?.type === 'again') on({ type: 'cancel', code: 'transfer-unknown' });
    },
    'the link is gone for good': () => transfer.park(),
  };
  return { transfer, link, inputs };
}

function nameOfReceive(state: ReceiveState): string {
  if (state.at === 'listing' && state.awaits === 'offer') return 'listing (offer lost)';
  if (state.at === 'verifying' && state.calledOff !== undefined) return 'verifying (called off)';
  return state.at === 'failed' && state.kept === 'nothing' ? 'failed (nothing kept)' : state.at;
}

const asked = ['the last part of the list'];
const receiving = [...asked, 'Accept', 'the host has laid it out'];
const verifying = [...receiving, 'complete, with everything stored'];
export const receiveMachine: Machine = {
  states: {
    listing: [],
    'listing (offer lost)': ['continue'],
    asking: asked,
    starting: [...asked, 'Accept'],
    receiving,
    verifying,
    'verifying (called off)': [...verifying, 'Cancel, or theirs'],
    ready: [...verifying, 'the disk is full'],
    done: [...verifying, 'the host has published it'],
    declined: [...asked, 'Decline'],
    cancelled: [...asked, 'Cancel, or theirs'],
    failed: [...receiving, 'the link is gone for good'],
    'failed (nothing kept)': [...asked, 'the link is gone for good'],
  },
  inputs: Object.keys(incoming().inputs),
  async cell(path, input) {
    const { transfer, link, inputs } = incoming();
    await settle(5);
    for (const one of path) {
      inputs[one]!();
      await settle(30);
    }
    const before = nameOfReceive(transfer.state);
    inputs[input]!();
    await settle(30);
    return cellOf(before, nameOfReceive(transfer.state), link.violations);
  },
};

function session() {
  const violations: unknown[] = [];
  const session = new PeerSession(
    realClock,
    [],
    (event) => {
      if (event.is === 'violation') violations.push(event);
    },
    () => undefined,
  );
  const [ours, theirs] = wirePair<string | Uint8Array<ArrayBuffer>>();
  session.addControl(1, controlOver(ours));
  const send = (message: object) => theirs.post(JSON.stringify(message), 0);
  const hello = { type: 'hello', version: wireVersion, app: 'x', name: 'x', features: [] };
  const inputs: Readonly<Record<string, () => void>> = {
    'the first control channel': () => session.adopt(1, true),
    'another control channel': () => session.adopt(1, false),
    'the person confirms': () => session.authorize(),
    hello: () => send(hello),
    'hello, another version': () => send({ ...hello, version: 999 }),
    'ping, pong, link': () => send({ type: 'ping', n: 1 }),
    'anything else': () => send({ type: 'text', part: 0, last: true, text: 'x' }),
    bytes: () => theirs.post(new Uint8Array(3), 0),
    'the link ends': () => session.end('nothing'),
  };
  return { session, violations, inputs };
}

export const sessionMachine: Machine = {
  states: {
    none: [],
    unauthorized: ['the first control channel'],
    'unauthorized (hello held)': ['the first control channel', 'hello'],
    handshake: ['the first control channel', 'the person confirms'],
    open: ['the first control channel', 'the person confirms', 'hello'],
    ended: ['the first control channel', 'the link ends'],
  },
  inputs: Object.keys(session().inputs),
  async cell(path, input) {
    const { session: one, violations, inputs } = session();
    for (const step of path) {
      inputs[step]!();
      await settle(3);
    }
    const before = nameOfSession(one);
    inputs[input]!();
    await settle(3);
    const after = nameOfSession(one);
    one.end('nothing');
    return cellOf(before, after, violations);
  },
};

function nameOfSession({ state }: PeerSession): string {
  return state.at === 'unauthorized' && state.hello !== undefined ? 'unauthorized (hello held)' : state.at;
}
