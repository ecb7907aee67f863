// Runs link/verification-state.ts on a fresh link: hashes, nonces, signals, the deadline. Ends in one of three ways: both
// people confirm, somebody tampered, or nothing came in time.

import { fromHex, toHex } from '../shared/model/bytes.ts';
import type { Clock } from '../shared/model/clock.ts';
import type { TrustChoice, TrustView } from '../shared/model/link-view.ts';
import { verificationDeadlineMs } from '../shared/wire/limits.ts';
import type { LinkSignal, VerificationSignal } from './link-signal.ts';
import { commitment, digits, freshNonce, renewal } from './verification.ts';
import {
  type CodeProof,
  nextVerification,
  startVerificationState,
  type VerificationCheck,
  type VerificationEffect,
  type VerificationEvent,
  type VerificationRole,
} from './verification-state.ts';

export type VerificationPorts = {
  readonly role: VerificationRole;
  readonly transcript: Uint8Array;
  readonly proof: CodeProof | undefined;
  readonly clock: Clock;
  send(signal: LinkSignal): void;
  changed(): void;
  /** `renewal` is a value that only these two computers know. */
  confirmed(checked: VerificationCheck, renewal: Uint8Array): void;
  failed(why: 'tampered' | 'late'): void;
};

export interface Verification {
  /** Nothing until the digits are known. */
  trust(): TrustView | undefined;
  /** The other side can hear us now. */
  begin(): void;
  handle(signal: VerificationSignal): void;
  handleMalformed(): void;
  choose(choice: TrustChoice): void;
  close(): void;
}

export function startVerification(ports: VerificationPorts): Verification {
  const nonce = freshNonce();
  const camera = ports.proof !== undefined;
  let state = startVerificationState(ports.role, toHex(nonce), ports.proof);
  let renewed: Uint8Array = new Uint8Array();
  /** One after another: while one signal is being hashed the next one must not overtake it. */
  let turn: Promise<void> = Promise.resolve();
  const stopDeadline = ports.clock.after(verificationDeadlineMs, () => handle({ is: 'deadline' }));

  async function run(event: VerificationEvent): Promise<void> {
    if (state.at === 'closed') return;
    const step = nextVerification(state, event);
    state = step.state;
    for (const effect of step.effects) await act(effect);
    ports.changed();
  }

  function handle(event: VerificationEvent): void {
    turn = turn.then(() => run(event));
  }

  async function act(effect: VerificationEffect): Promise<void> {
    switch (effect.do) {
      case 'send-commit': {
        const promise = toHex(await commitment(ports.transcript, nonce));
        // Somebody may have closed it meanwhile.
        return isClosed() ? undefined : ports.send({ say: 'commit', commitment: promise });
      }
      case 'send-nonce':
        return ports.send({ say: 'nonce', nonce: toHex(nonce), camera });
      case 'send-reveal':
        return ports.send({ say: 'reveal', nonce: toHex(nonce), camera });
      case 'send-ok':
        return ports.send({ say: 'ok' });
      case 'count-digits': {
        const nonces = [fromHex(effect.inviterNonce), fromHex(effect.replierNonce)] as const;
        stopDeadline();
        renewed = await renewal(ports.transcript, ...nonces);
        return run({ is: 'digits', digits: await digits(ports.transcript, ...nonces) });
      }
      case 'confirm':
        return ports.confirmed(effect.checked, renewed);
      case 'fail':
        return ports.failed(effect.why);
    }
  }

  function isClosed(): boolean {
    return state.at === 'closed';
  }

  async function eventOf(signal: VerificationSignal): Promise<VerificationEvent> {
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
          return { at: 'asking', digits: state.digits, ...(state.peerOk ? { peerOk: true as const } : {}) };
        case 'waiting-for-peer': {
          const choice = state.checked === 'unchecked' ? 'skip' : 'match';
          return { at: 'waiting-for-peer', digits: state.digits, choice };
        }
        case 'settled':
          return { at: 'settled', digits: state.digits, checked: state.checked };
        default:
          return undefined;
      }
    },
    begin: () => handle({ is: 'begin' }),
    handle(signal) {
      turn = turn.then(async () => run(await eventOf(signal)));
    },
    handleMalformed: () => handle({ is: 'malformed' }),
    choose: (choice) => handle({ is: 'choice', choice }),
    close() {
      stopDeadline();
      state = nextVerification(state, { is: 'close' }).state;
    },
  };
}
