// Real engines under real links: what the simulated connections of a computer carry goes through wires in memory.

import type { LinkEngine } from '../../../link/ports.ts';
import type { RtcChannel } from '../../../link/rtc.ts';
import { linkEvents } from '../../../renderer/worker/link-events.ts';
import { controlOver, laneOver, type Side, type Wire, wirePair } from '../engine/engine-pair.ts';
import type { SimulatedConnection } from './simulated-rtc.ts';

type Message = string | Uint8Array<ArrayBuffer>;
export type ConnectionWires = { readonly control: Wire<Message>; readonly bulk: Wire<Message> };

const wiresOf = new Map<SimulatedConnection, ConnectionWires>();

/** This end of what a connection carries. */
export function wiresIn(connection: SimulatedConnection): ConnectionWires {
  const known = wiresOf.get(connection);
  if (known !== undefined) return known;
  const wires = { control: closedWire(), bulk: closedWire() };
  wiresOf.set(connection, wires);
  return wires;
}

/** Until the connection is up it leads to nobody. */
function closedWire(): Wire<Message> {
  const [own, nobody] = wirePair<Message>();
  for (const end of [own, nobody]) end.isOpen = false;
  return own;
}

export type RealEngine = LinkEngine & { readonly connections: readonly SimulatedConnection[] };

export function linkEngineOf(side: Side): RealEngine {
  const { engine } = side;
  const connections: SimulatedConnection[] = [];
  return {
    connections,
    giveChannel(id, role, channel) {
      const { connection } = channel as RtcChannel & { readonly connection: SimulatedConnection };
      const { control, bulk } = wiresIn(connection);
      if (role === 'bulk') {
        engine.addLane(id, laneOver(bulk));
        return;
      }
      connections.push(connection);
      let open = (): void => undefined;
      connection.owner = {
        id,
        engine: {
          opened() {
            const theirs = wiresIn(connection.peer!);
            for (const [own, other] of [
              [control, theirs.control],
              [bulk, theirs.bulk],
            ] as const) {
              own.peer = other;
              own.isOpen = true;
              own.onDrained();
            }
            open();
          },
          closed() {
            for (const wire of [control, bulk]) wire.close();
          },
        },
      };
      engine.addControl(id, {
        ...controlOver(control),
        onOpen: (listener) => {
          open = listener;
        },
      });
    },
    command: (order) => engine.command(order),
    ...linkEvents((listener) => {
      side.listen(listener);
      return () => undefined;
    }),
  };
}
