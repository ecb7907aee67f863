// The direct lane of a link: agreed on over control, met by the two hosts, and fed with the numbers of blocks. Promises: it is tried
// in the background and never waited for; when it goes, its blocks go back to the other lanes at once.

import type { Clock } from '../../shared/model/clock.ts';
import { directLaneNumber } from '../../shared/model/transfer.ts';
import type { ControlMessage, ControlOf } from '../../shared/wire/control.ts';
import { directAgainMs, directSendsAtOnce } from '../../shared/wire/limits.ts';
import type { EngineEvent } from '../commands.ts';
import type { DirectHost } from '../ports.ts';
import type { BlockInbox } from '../receive/frame-assembler.ts';
import type { LanePool } from './lane-pool.ts';

export type DirectLanePorts = {
  readonly host: DirectHost;
  readonly clock: Clock;
  readonly pool: LanePool;
  readonly inbox: BlockInbox;
  say(message: ControlMessage): void;
  violation(why: string): void;
  emit(event: EngineEvent): void;
};

type Peer = Pick<ControlOf<'direct'>, 'fingerprint' | 'port'>;

export class DirectLane {
  readonly #ports: DirectLanePorts;
  #peer: Peer | undefined;
  #address: string | undefined;
  #isListening = false;
  #isUp = false;
  #tries = 0;
  #cancelAgain: (() => void) | undefined;

  constructor(ports: DirectLanePorts) {
    this.#ports = ports;
    ports.host.onLane((at) => this.#changed(at));
    ports.host.onBlock((arrival) => {
      const why = ports.inbox.stored(arrival);
      if (why !== undefined) ports.violation(why);
    });
  }

  /** Both sides have said hello on this control, and the other side knows direct lanes. */
  async offer(): Promise<void> {
    this.#isListening = true;
    const place = await this.#ports.host.listen();
    // The link may have ended meanwhile.
    if (place === null || !this.#isListening) return;
    this.#ports.say({ type: 'direct', fingerprint: place.fingerprint, port: place.port });
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

  /** The link came back: what kept the lane from coming up may be over. */
  linkIsUp(): void {
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
    this.#ports.host.close().catch(() => undefined);
  }

  #meet(): void {
    this.#cancelAgain?.();
    if (this.#isUp || !this.#isListening || this.#peer === undefined || this.#address === undefined) return;
    const again = directAgainMs[Math.min(this.#tries, directAgainMs.length - 1)]!;
    this.#tries += 1;
    this.#cancelAgain = this.#ports.clock.after(again, () => this.#meet());
    this.#ports.host.meet({ ...this.#peer, address: this.#address }).catch(() => undefined);
  }

  #changed(at: 'up' | 'down' | 'refused'): void {
    const { pool, host, violation, emit } = this.#ports;
    const isUp = at === 'up';
    if (isUp !== this.#isUp) {
      this.#isUp = isUp;
      if (isUp) {
        this.#cancelAgain?.();
        pool.addDirect(directLaneNumber, { host, sendsAtOnce: directSendsAtOnce });
      } else pool.remove(directLaneNumber);
      emit({ is: 'direct-lane', isUp });
    }
    if (at === 'refused') violation('breaks the rules of the direct lane');
    else if (!isUp) this.#meet();
  }
}
