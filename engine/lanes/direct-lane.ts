// The direct lane of a link: agreed on over control, met by the two hosts, and fed with the numbers of blocks. Promises: it is tried
// in the background and never waited for; when it goes, its blocks go back to the other lanes at once.

import type { Clock } from '../../shared/model/clock.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { directAgainMs, directSendsAtOnce } from '../../shared/wire/limits.ts';
import type { EngineEvent } from '../commands.ts';
import type { DirectHost } from '../ports.ts';
import type { FrameAssembler } from '../receive/frame-assembler.ts';
import type { PeerSession } from '../session/session.ts';
import { DirectSender } from './direct-sender.ts';
import type { LanePool } from './lane-pool.ts';

export type DirectLaneParts = {
  readonly host: DirectHost;
  readonly clock: Clock;
  readonly pool: LanePool;
  readonly assembler: FrameAssembler;
  readonly session: PeerSession;
  readonly emit: (event: EngineEvent) => void;
};

type Peer = Pick<ControlOf<'direct'>, 'fingerprint' | 'port'>;

export class DirectLane {
  readonly #parts: DirectLaneParts;
  #peer: Peer | undefined;
  #address: string | undefined;
  #isListening = false;
  #isLinkUp = true;
  #isUp = false;
  #tries = 0;
  #cancelAgain: (() => void) | undefined;

  constructor(parts: DirectLaneParts) {
    this.#parts = parts;
    parts.host.onLane((at) => this.#changed(at));
    parts.host.onBlock((arrival) => {
      const why = parts.assembler.onDirect(arrival);
      if (why !== undefined) parts.session.violation(why);
    });
  }

  /** Both sides have said hello on this control, and the other side knows direct lanes. */
  async offer(): Promise<void> {
    this.#isListening = true;
    const place = await this.#parts.host.listen();
    // The link may have ended meanwhile.
    if (place === null || !this.#isListening) return;
    this.#parts.session.send({ type: 'direct', fingerprint: place.fingerprint, port: place.port });
    this.#meet();
  }

  onMessage({ fingerprint, port }: ControlOf<'direct'>): void {
    this.#peer = { fingerprint, port };
    this.#tries = 0;
    this.#meet();
  }

  /** The address of the other side that the link uses now. */
  addressIs(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    this.#tries = 0;
    this.#meet();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Tells the host whose blocks these are. A host that is gone ends the transfer by itself. */
  expect(transfer: TransferId, attemptId: number): void {
    this.#parts.host.expect(transfer, attemptId).catch(() => undefined);
  }

  /** A connection may look alive for minutes after a cut; its blocks go over whatever comes back first. */
  linkIsDown(): void {
    this.#isLinkUp = false;
    if (!this.#isUp) return;
    this.#changed('down');
    this.#parts.host.drop().catch(() => undefined);
  }

  /** The link came back: what kept the lane from coming up may be over. */
  linkIsUp(): void {
    this.#isLinkUp = true;
    this.#tries = 0;
    this.#meet();
  }

  /** The link ended. */
  close(): void {
    this.#isListening = false;
    this.#peer = undefined;
    this.#address = undefined;
    this.#cancelAgain?.();
    this.#changed('down');
    this.#parts.host.close().catch(() => undefined);
  }

  #meet(): void {
    this.#cancelAgain?.();
    if (this.#isUp || !this.#isLinkUp || !this.#isListening || this.#peer === undefined || this.#address === undefined)
      return;
    const again = directAgainMs[Math.min(this.#tries, directAgainMs.length - 1)]!;
    this.#tries += 1;
    this.#cancelAgain = this.#parts.clock.after(again, () => this.#meet());
    this.#parts.host.meet({ ...this.#peer, address: this.#address }).catch(() => undefined);
  }

  #changed(at: 'up' | 'down' | 'refused'): void {
    const { pool, host, session, emit } = this.#parts;
    const isUp = at === 'up';
    if (isUp !== this.#isUp) {
      this.#isUp = isUp;
      if (isUp) {
        this.#cancelAgain?.();
        pool.addDirect(new DirectSender(host, directSendsAtOnce));
      } else pool.removeDirect();
      emit({ is: 'direct-lane', isUp });
    }
    if (at === 'refused') session.violation('breaks the rules of the direct lane');
    else if (!isUp) this.#meet();
  }
}
