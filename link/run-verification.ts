// Runs the greeting of link/verification-state.ts on a fresh link: hashes, nonces, signals, the deadline. Ends in one
// of three ways: the gate opens, somebody tampered, or nothing came in time.

import { fromHex, toHex } from '../shared/model/bytes.ts';
import type { TrustChoice, TrustView } from '../shared/model/link-view.ts';
import { greetingDeadlineMs } from '../shared/wire/limits.ts';
import type { GreetingSignal, LinkSignal } from './link-signal.ts';
import { commitment, digits, freshNonce } from './verification.ts';
import {
  type GreetingCheck,
  type GreetingEffect,
  type GreetingEvent,
  type GreetingRole,
  type GreetingVouch,
  nextGreeting,
  startGreeting,
} from './verification-state.ts';

export type GreetingPorts = {
  readonly role: GreetingRole;
  readonly transcript: Uint8Array;
  readonly vouch: GreetingVouch | undefined;
  send(signal: LinkSignal): void;
  changed(): void;
  openGate(checked: GreetingCheck): void;
  failed(why: 'tampered' | 'late'): void;
};

export interface Greeting {
  /** Nothing until the digits are known. */
  trust(): TrustView | undefined;
  /** The other side may hear us now. */
  begin(): void;
  hear(signal: GreetingSignal): void;
  hearNonsense(): void;
  choose(choice: TrustChoice): void;
  close(): void;
}

export function startGreetingRun(ports: GreetingPorts): Greeting {
  const nonce = freshNonce();
  let state = startGreeting(ports.role, toHex(nonce), ports.vouch);
  const camera = ports.vouch !== undefined;
  let begun = false;
  let closed = false;
  /** Signals are taken one after another: a hash in between must not let the next one overtake. */
  let turn: Promise<void> = Promise.resolve();
  const deadline = setTimeout(() => ports.failed('late'), greetingDeadlineMs);

  async function take(event: GreetingEvent): Promise<void> {
    if (closed) return;
    const step = nextGreeting(state, event);
    state = step.state;
    for (const effect of step.effects) await act(effect);
    if (!closed) ports.changed();
  }

  function enqueue(work: () => Promise<void>): void {
    turn = turn.then(work);
  }

  async function act(effect: GreetingEffect): Promise<void> {
    switch (effect.do) {
      case 'send-nonce':
        return ports.send({ say: 'nonce', nonce: toHex(nonce), camera });
      case 'send-reveal':
        return ports.send({ say: 'reveal', nonce: toHex(nonce), camera });
      case 'send-ok':
        return ports.send({ say: 'ok' });
      case 'count-digits': {
        const [inviter, replier] = [fromHex(effect.inviterNonce), fromHex(effect.replierNonce)];
        clearTimeout(deadline);
        return take({ is: 'digits', digits: await digits(ports.transcript, inviter, replier) });
      }
      case 'open-gate':
        return ports.openGate(effect.checked);
      case 'abort':
        return ports.failed('tampered');
    }
  }

  async function toEvent(signal: GreetingSignal): Promise<GreetingEvent> {
    switch (signal.say) {
      case 'commit':
        return { is: 'commit', commitment: signal.commitment };
      case 'nonce':
        return { is: 'nonce', nonce: signal.nonce, camera: signal.camera };
      case 'reveal': {
        const expected = toHex(await commitment(ports.transcript, fromHex(signal.nonce)));
        return { is: 'reveal', nonce: signal.nonce, camera: signal.camera, commitment: expected };
      }
      case 'ok':
        return { is: 'ok' };
    }
  }

  return {
    trust() {
      switch (state.at) {
        case 'asking':
          return { at: 'asking', digits: state.digits };
        case 'waiting-for-peer':
          return {
            at: 'waiting-for-peer',
            digits: state.digits,
            choice: state.checked === 'unchecked' ? 'skip' : 'match',
          };
        case 'settled':
          return { at: 'settled', digits: state.digits, checked: state.checked };
        default:
          return undefined;
      }
    },
    begin() {
      if (begun || ports.role === 'replier') return;
      begun = true;
      enqueue(async () => {
        const promise = toHex(await commitment(ports.transcript, nonce));
        if (!closed) ports.send({ say: 'commit', commitment: promise });
      });
    },
    hear: (signal) => enqueue(async () => take(await toEvent(signal))),
    hearNonsense: () => enqueue(() => take({ is: 'malformed' })),
    choose: (choice) => enqueue(() => take({ is: 'choice', choice })),
    close() {
      closed = true;
      clearTimeout(deadline);
    },
  };
}
