// What the link hears of the engine, whichever way the engine's events come.

import type { EngineEvent } from '../../engine/commands.ts';
import type { LinkEngine } from '../../link/ports.ts';

export type EngineEventsOfLink = Omit<LinkEngine, 'giveChannel' | 'command'>;

export function linkEvents(on: (listener: (event: EngineEvent) => void) => () => void): EngineEventsOfLink {
  function onKind<K extends EngineEvent['is']>(
    kind: K,
    notify: (event: Extract<EngineEvent, { is: K }>) => void,
  ): () => void {
    return on((event) => {
      if (event.is === kind) notify(event as Extract<EngineEvent, { is: K }>);
    });
  }
  return {
    onControlOpen: (listener) => onKind('control-open', ({ connection }) => listener(connection)),
    onChannelClosed: (listener) => onKind('channel-closed', ({ connection, role }) => listener(connection, role)),
    onSignal: (listener) => onKind('signal', ({ connection, body }) => listener(connection, body)),
    onLiveness: (listener) =>
      onKind('liveness', ({ connection, at, roundTripMs }) => listener(connection, at, roundTripMs)),
    onWantLanes: (listener) => onKind('want-lanes', ({ count }) => listener(count)),
    onLaneEmpty: (listener) => onKind('lane-empty', ({ connection }) => listener(connection)),
    onPeerLeft: (listener) => onKind('peer-left', ({ connection }) => listener(connection)),
    onViolation: (listener) => onKind('violation', ({ connection, fault }) => listener(connection, fault)),
  };
}
