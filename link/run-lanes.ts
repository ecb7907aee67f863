// Further connections that carry only bulk, negotiated over the link without any code. The inviter leads: it opens and
// closes lanes towards the larger of both sides' wishes, so two wishes never cross. A lane is told to the engine once
// both sides have it up; one that dies is given back and, while still wanted, made anew. One that is not wanted any more
// retires: it is closed when nothing is on its way over it in either direction, so that nothing has to go again.

import type { ConnectionId } from '../engine/commands.ts';
import { laneDrainDeadlineMs, laneOpenDeadlineMs, lanesMax } from '../shared/wire/limits.ts';
import type { Connection } from './connection.ts';
import { fromWire, type LaneSignal, type LinkSignal, toWire } from './link-signal.ts';

export type LanePorts = {
  readonly leads: boolean;
  open(): Promise<Connection>;
  drop(connection: Connection): void;
  send(signal: LinkSignal): void;
  usable(connection: Connection): void;
  /** Fed no more, until it is `usable` again; `emptied` follows. */
  retire(connection: Connection): void;
  changed(): void;
};

export interface Lanes {
  want(count: number): void;
  hear(signal: LaneSignal): void;
  /** Nothing of ours is on its way over this retired lane any more. */
  emptied(connection: ConnectionId): void;
  channelClosed(connection: ConnectionId): void;
  /** The link is up (again): dead lanes go, missing ones are made. `fresh` throws all away, addresses may have changed. */
  linkUp(fresh: boolean): void;
  linkDown(): void;
  count(): number;
  close(): void;
}

type Lane = {
  readonly connection: Connection;
  heardUp: boolean;
  toldUp: boolean;
  duty: Duty;
  /** Of opening, or of draining. */
  deadline: ReturnType<typeof setTimeout>;
};
type Duty =
  | { readonly at: 'opening' }
  | { readonly at: 'used' }
  | { readonly at: 'retiring'; readonly isEmptyHere: boolean; readonly isEmptyThere: boolean };

const opening: Duty = { at: 'opening' };

export function startLanes(ports: LanePorts): Lanes {
  const lanes = new Map<number, Lane>();
  let ownWish = 1;
  let peerWish = 1;
  let nextLane = 1;
  /**
   * Lanes whose connection is being made, by number: their place is taken before the await. One that is called off
   * meanwhile keeps its place until its connection is there and dropped, so there are never more than the limit.
   */
  const making = new Map<number, 'wanted' | 'called-off'>();
  let up = false;
  let closed = false;

  /** Leader only: one step towards what both want. */
  function balance(): void {
    if (!ports.leads || !up || closed) return;
    const wanted = Math.min(Math.max(ownWish, peerWish), lanesMax) - 1;
    const kept = numbers(({ at }) => at !== 'retiring');
    const missing = Math.max(0, wanted - kept.length - making.size);
    const again = numbers(({ at }) => at === 'retiring').slice(0, missing);
    for (const lane of again) feedAgain(lane);
    for (let more = missing - again.length; more > 0; more -= 1) void openLane();
    for (const lane of kept.slice(wanted)) retire(lane);
  }

  function numbers(of: (duty: Duty) => boolean): number[] {
    return [...lanes].flatMap(([number, { duty }]) => (of(duty) ? [number] : []));
  }

  /** The other side uses a lane only after our word that it is up: before that there is nothing to wait for. */
  function retire(number: number): void {
    const lane = lanes.get(number);
    if (lane === undefined || lane.duty.at === 'retiring') return;
    if (!lane.toldUp) {
      giveBack(number, true);
      return;
    }
    clearTimeout(lane.deadline);
    lane.deadline = setTimeout(() => giveBackAndRetry(number), laneDrainDeadlineMs);
    lane.duty = { at: 'retiring', isEmptyHere: false, isEmptyThere: false };
    if (ports.leads) ports.send({ say: 'lane-retire', lane: number });
    ports.retire(lane.connection);
    ports.changed();
  }

  function feedAgain(number: number): void {
    const lane = lanes.get(number);
    if (lane?.duty.at !== 'retiring') return;
    clearTimeout(lane.deadline);
    lane.deadline = setTimeout(() => giveBackAndRetry(number), laneOpenDeadlineMs);
    lane.duty = opening;
    if (ports.leads) ports.send({ say: 'lane-again', lane: number });
    look(number);
  }

  function emptied(number: number, where: 'isEmptyHere' | 'isEmptyThere'): void {
    const lane = lanes.get(number);
    if (lane?.duty.at !== 'retiring') return;
    lane.duty = { ...lane.duty, [where]: true };
    if (!ports.leads) ports.send({ say: 'lane-empty', lane: number });
    else if (lane.duty.isEmptyHere && lane.duty.isEmptyThere) giveBack(number, true);
  }

  async function openLane(): Promise<void> {
    const lane = nextLane++;
    const connection = await make(lane);
    // The wish may be another one by now.
    balance();
    if (connection === undefined || !lanes.has(lane)) return;
    try {
      const fields = toWire(await connection.offer());
      if (lanes.has(lane)) ports.send({ say: 'lane-offer', lane, fields });
    } catch {
      giveBack(lane, true);
    }
  }

  /** Nothing where the browser makes none, or where nobody wants it any more. */
  async function make(lane: number): Promise<Connection | undefined> {
    making.set(lane, 'wanted');
    let connection: Connection;
    try {
      connection = await ports.open();
    } catch {
      making.delete(lane);
      return undefined;
    }
    const isWanted = making.get(lane) === 'wanted' && !closed;
    making.delete(lane);
    if (!isWanted) {
      ports.drop(connection);
      return undefined;
    }
    add(lane, connection);
    return connection;
  }

  async function answer({ lane, fields }: Extract<LaneSignal, { say: 'lane-offer' }>): Promise<void> {
    if (ports.leads || isTaken(lane) || lanes.size + making.size >= lanesMax - 1) {
      ports.send({ say: 'lane-close', lane });
      return;
    }
    const connection = await make(lane);
    if (connection === undefined) {
      ports.send({ say: 'lane-close', lane });
      return;
    }
    try {
      const reply = toWire(await connection.answer(fromWire(fields)));
      if (lanes.has(lane)) ports.send({ say: 'lane-answer', lane, fields: reply });
    } catch {
      giveBack(lane, true);
    }
  }

  function isTaken(lane: number): boolean {
    return lanes.has(lane) || making.has(lane);
  }

  function add(lane: number, connection: Connection): void {
    const deadline = setTimeout(() => giveBackAndRetry(lane), laneOpenDeadlineMs);
    lanes.set(lane, { connection, heardUp: false, toldUp: false, duty: opening, deadline });
    connection.onState(() => look(lane));
    connection.onViolation(() => giveBackAndRetry(lane));
  }

  function look(number: number): void {
    const lane = lanes.get(number);
    if (lane === undefined) return;
    const state = lane.connection.state();
    if (state === 'connected') {
      if (!lane.toldUp) ports.send({ say: 'lane-up', lane: number });
      lane.toldUp = true;
      if (!lane.heardUp || lane.duty.at !== 'opening') return;
      lane.duty = { at: 'used' };
      clearTimeout(lane.deadline);
      ports.usable(lane.connection);
      ports.changed();
    } else if (up && (state === 'failed' || state === 'closed')) {
      giveBackAndRetry(number);
    }
  }

  function giveBackAndRetry(lane: number): void {
    giveBack(lane, true);
    balance();
  }

  function giveBack(number: number, tell: boolean): void {
    const lane = lanes.get(number);
    if (lane === undefined) return;
    lanes.delete(number);
    clearTimeout(lane.deadline);
    if (tell) ports.send({ say: 'lane-close', lane: number });
    ports.drop(lane.connection);
    ports.changed();
  }

  function numberOf(connection: ConnectionId): number | undefined {
    return [...lanes].find(([, lane]) => lane.connection.id === connection)?.[0];
  }

  async function complete({ lane, fields }: Extract<LaneSignal, { say: 'lane-answer' }>): Promise<void> {
    try {
      await lanes.get(lane)?.connection.complete(fromWire(fields), 'passive');
    } catch {
      giveBack(lane, true);
    }
  }

  return {
    want(count) {
      const wish = Math.max(1, Math.min(lanesMax, Math.trunc(count)));
      if (wish === ownWish) return;
      ownWish = wish;
      if (!ports.leads && up) ports.send({ say: 'lanes-wanted', count: wish });
      balance();
    },
    hear(signal) {
      switch (signal.say) {
        case 'lanes-wanted':
          peerWish = signal.count;
          return balance();
        case 'lane-offer':
          return void answer(signal);
        case 'lane-answer':
          return void complete(signal);
        case 'lane-up': {
          const lane = lanes.get(signal.lane);
          if (lane) lane.heardUp = true;
          return look(signal.lane);
        }
        case 'lane-retire':
          if (!ports.leads) retire(signal.lane);
          return;
        case 'lane-again':
          if (!ports.leads) feedAgain(signal.lane);
          return;
        case 'lane-empty':
          if (ports.leads) emptied(signal.lane, 'isEmptyThere');
          return;
        case 'lane-close':
          if (making.has(signal.lane)) making.set(signal.lane, 'called-off');
          giveBack(signal.lane, false);
          return balance();
      }
    },
    emptied(connection) {
      const number = numberOf(connection);
      if (number !== undefined) emptied(number, 'isEmptyHere');
    },
    channelClosed(connection) {
      const number = numberOf(connection);
      if (number !== undefined) giveBackAndRetry(number);
    },
    linkUp(fresh) {
      up = true;
      for (const [number, lane] of [...lanes]) {
        if (fresh || (lane.duty.at === 'used' && lane.connection.state() !== 'connected')) giveBack(number, true);
      }
      if (!ports.leads && ownWish > 1) ports.send({ say: 'lanes-wanted', count: ownWish });
      balance();
    },
    linkDown() {
      up = false;
      // Nobody hears any more what is stored.
      for (const number of numbers(({ at }) => at === 'retiring')) giveBack(number, true);
    },
    count: () => 1 + numbers(({ at }) => at === 'used').length,
    close() {
      closed = true;
      making.clear();
      for (const number of [...lanes.keys()]) giveBack(number, false);
    },
  };
}
