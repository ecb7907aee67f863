// Runs link/lanes-state.ts: makes and completes the lanes' connections, keeps their timers, and says over the link what the
// table wants said.

import type { Clock } from '../shared/model/clock.ts';
import type { ConnectionId } from '../shared/model/link-channel.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { EventQueue } from './event-queue.ts';
import {
  type LanesEffect,
  type LanesEvent,
  type LanesState,
  lanesInUse,
  nextLanes,
  startLanesState,
} from './lanes-state.ts';
import { fromWire, type LaneSignal, type LinkSignal, toWire } from './link-signal.ts';

export type LanePorts = {
  readonly leads: boolean;
  readonly connections: Pick<Connections, 'nextId' | 'open' | 'drop'>;
  readonly clock: Clock;
  send(signal: LinkSignal): void;
  /** The engine may send over it. */
  use(connection: Connection): void;
  /** The engine begins no more blocks on it, until it is used again; `emptied` follows. */
  retire(connection: Connection): void;
  changed(): void;
};

export interface Lanes {
  want(count: number): void;
  handle(signal: LaneSignal): void;
  /** Nothing of ours is on its way over this retired lane any more. */
  emptied(connection: ConnectionId): void;
  channelClosed(connection: ConnectionId): void;
  /** `isFresh` throws all lanes away: addresses may have changed. */
  linkUp(isFresh: boolean): void;
  linkDown(): void;
  /** In use, the link's own connection included. */
  count(): number;
  close(): void;
}

export function startLanes(ports: LanePorts): Lanes {
  const { clock, connections } = ports;
  const events = new EventQueue<LanesEvent>();
  const open = new Map<ConnectionId, Connection>();
  const timers = new Map<number, () => void>();
  let state: LanesState = startLanesState(ports.leads);

  function handle(event: LanesEvent): void {
    const before = lanesInUse(state);
    const step = nextLanes(state, event);
    state = step.state;
    for (const effect of step.effects) act(effect);
    if (lanesInUse(state) !== before) ports.changed();
  }

  function act(effect: LanesEffect): void {
    switch (effect.do) {
      case 'make':
        return void make(effect);
      case 'describe':
        return void describe(effect);
      case 'complete':
        return void complete(effect);
      case 'say':
        ports.send({ say: effect.what, lane: effect.number });
        return;
      case 'say-fields':
        ports.send({ say: effect.what, lane: effect.number, fields: effect.fields });
        return;
      case 'say-wish':
        ports.send({ say: 'lanes-wanted', count: effect.count });
        return;
      case 'use':
        withConnection(effect.connection, ports.use);
        return;
      case 'retire':
        withConnection(effect.connection, ports.retire);
        return;
      case 'drop':
        withConnection(effect.connection, (connection) => {
          open.delete(connection.id);
          connections.drop(connection);
        });
        return;
      case 'start-timer': {
        const { number } = effect;
        timers.get(number)?.();
        timers.set(
          number,
          clock.after(effect.ms, () => events.push({ is: 'deadline', number })),
        );
        return;
      }
      case 'stop-timer':
        timers.get(effect.number)?.();
        timers.delete(effect.number);
    }
  }

  async function make({ number, fields }: Extract<LanesEffect, { do: 'make' }>): Promise<void> {
    try {
      const connection = await connections.open({ id: connections.nextId(), control: false });
      open.set(connection.id, connection);
      connection.onState(() => watch(connection));
      connection.onViolation(() => events.push({ is: 'channel-closed', connection: connection.id }));
      events.push({ is: 'made', number, connection: connection.id, fields });
    } catch {
      events.push({ is: 'not-made', number });
    }
  }

  function watch(connection: Connection): void {
    const now = connection.state();
    const at = now === 'connected' ? now : now === 'failed' || now === 'closed' ? 'failed' : 'waiting';
    events.push({ is: 'connection', connection: connection.id, at });
  }

  async function describe({ connection: id, fields }: Extract<LanesEffect, { do: 'describe' }>): Promise<void> {
    const connection = open.get(id);
    if (connection === undefined) return;
    try {
      const own = await (fields === undefined ? connection.offer() : connection.answer(fromWire(fields)));
      events.push({ is: 'described', connection: id, fields: toWire(own) });
    } catch {
      events.push({ is: 'not-completed', connection: id });
    }
  }

  async function complete({ connection, fields }: Extract<LanesEffect, { do: 'complete' }>): Promise<void> {
    try {
      await open.get(connection)?.complete(fromWire(fields), 'passive');
    } catch {
      events.push({ is: 'not-completed', connection });
    }
  }

  function withConnection(id: ConnectionId, use: (connection: Connection) => void): void {
    const connection = open.get(id);
    if (connection !== undefined) use(connection);
  }

  events.start(handle);

  return {
    want: (count) => events.push({ is: 'want', count }),
    handle: (signal) => events.push(eventOf(signal)),
    emptied: (connection) => events.push({ is: 'empty-here', connection }),
    channelClosed: (connection) => events.push({ is: 'channel-closed', connection }),
    linkUp: (isFresh) => events.push({ is: 'link-up', isFresh }),
    linkDown: () => events.push({ is: 'link-down' }),
    count: () => lanesInUse(state),
    close: () => events.push({ is: 'close' }),
  };
}

function eventOf(signal: LaneSignal): LanesEvent {
  switch (signal.say) {
    case 'lanes-wanted':
      return { is: 'peer-wants', count: signal.count };
    case 'lane-offer':
      return { is: 'offered', number: signal.lane, fields: signal.fields };
    case 'lane-answer':
      return { is: 'answered', number: signal.lane, fields: signal.fields };
    case 'lane-up':
      return { is: 'up-there', number: signal.lane };
    case 'lane-retire':
      return { is: 'retired-there', number: signal.lane };
    case 'lane-again':
      return { is: 'wanted-again', number: signal.lane };
    case 'lane-empty':
      return { is: 'empty-there', number: signal.lane };
    case 'lane-close':
      return { is: 'closed-there', number: signal.lane };
  }
}
