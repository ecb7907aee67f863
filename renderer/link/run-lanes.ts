// Further connections that carry only bulk, negotiated over the link without any code. The inviter leads: it opens and
// closes lanes towards the larger of both sides' wishes, so two wishes never cross. A lane is told to the engine once
// both sides have it up; one that dies is given back and, while still wanted, made anew.

import type { ConnectionId } from '../../shared/engine/desk.ts';
import { fromWire, type LaneSignal, type LinkSignal, toWire } from '../../shared/link/signal.ts';
import { laneOpenDeadlineMs, lanesMax } from '../../shared/wire/limits.ts';
import type { Connection } from './connection.ts';

export type LanePorts = {
  readonly leads: boolean;
  open(): Promise<Connection>;
  drop(connection: Connection): void;
  send(signal: LinkSignal): void;
  usable(connection: Connection): void;
  changed(): void;
};

export interface Lanes {
  want(count: number): void;
  hear(signal: LaneSignal): void;
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
  usable: boolean;
  deadline: ReturnType<typeof setTimeout>;
};

export function startLanes(ports: LanePorts): Lanes {
  const lanes = new Map<number, Lane>();
  let ownWish = 1;
  let peerWish = 1;
  let nextLane = 1;
  let opening = 0;
  let up = false;
  let closed = false;

  /** Leader only: one step towards what both want. */
  function balance(): void {
    if (!ports.leads || !up || closed) return;
    const wanted = Math.min(Math.max(ownWish, peerWish), lanesMax) - 1;
    for (let missing = wanted - lanes.size - opening; missing > 0; missing -= 1) void openLane();
    for (const lane of [...lanes.keys()].slice(wanted)) giveBack(lane, true);
  }

  async function openLane(): Promise<void> {
    const lane = nextLane++;
    opening += 1;
    try {
      const connection = await ports.open();
      add(lane, connection);
      const fields = toWire(await connection.offer());
      if (lanes.has(lane)) ports.send({ say: 'lane-offer', lane, fields });
    } finally {
      opening -= 1;
    }
  }

  async function answer({ lane, fields }: Extract<LaneSignal, { say: 'lane-offer' }>): Promise<void> {
    if (ports.leads || lanes.has(lane) || lanes.size >= lanesMax - 1) {
      ports.send({ say: 'lane-close', lane });
      return;
    }
    const connection = await ports.open();
    add(lane, connection);
    try {
      const reply = toWire(await connection.answer(fromWire(fields)));
      if (lanes.has(lane)) ports.send({ say: 'lane-answer', lane, fields: reply });
    } catch {
      giveBack(lane, true);
    }
  }

  function add(lane: number, connection: Connection): void {
    if (closed) {
      ports.drop(connection);
      return;
    }
    const deadline = setTimeout(() => giveBackAndRetry(lane), laneOpenDeadlineMs);
    lanes.set(lane, { connection, heardUp: false, toldUp: false, usable: false, deadline });
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
      if (!lane.heardUp || lane.usable) return;
      lane.usable = true;
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
        case 'lane-close':
          giveBack(signal.lane, false);
          return balance();
      }
    },
    channelClosed(connection) {
      const found = [...lanes].find(([, lane]) => lane.connection.id === connection);
      if (found) giveBackAndRetry(found[0]);
    },
    linkUp(fresh) {
      up = true;
      for (const [number, lane] of [...lanes]) {
        if (fresh || (lane.usable && lane.connection.state() !== 'connected')) giveBack(number, true);
      }
      if (!ports.leads && ownWish > 1) ports.send({ say: 'lanes-wanted', count: ownWish });
      balance();
    },
    linkDown() {
      up = false;
    },
    count: () => 1 + [...lanes.values()].filter(({ usable }) => usable).length,
    close() {
      closed = true;
      for (const number of [...lanes.keys()]) giveBack(number, false);
    },
  };
}
