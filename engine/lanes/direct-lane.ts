// The direct lane of a link: agreed on over control, met by the two hosts, and fed with the numbers of blocks. Promises: it is tried
// in the background and never waited for; when it goes, its blocks go back to the other lanes at once; and one that takes blocks
// of which none is stored gives them back as well, and rests; the other side does not set the pace at which it is dialled.

import { isDialable } from '../../shared/code/address.ts';
import type { Clock } from '../../shared/model/clock.ts';
import { directLaneNumber, type FirewallAt, type TransferId } from '../../shared/model/transfer.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import {
  directAgainMs,
  directBriefMs,
  directPlacesMax,
  directRestMs,
  directStallLookMs,
  directStallMs,
} from '../../shared/wire/limits.ts';
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
  /** Ends with the control channel, and with the link. */
  #control = new AbortController();
  /** Our host listens for this link. What it said before it answered so is of a link before: the two cross. */
  #isListening = false;
  #isLinkUp = true;
  /** The two hosts have met. */
  #isUp = false;
  /** Blocks go over it. */
  #isUsed = false;
  /** It stalled, or ended soon again and again: until then other lanes carry the blocks. */
  #restsUntilMs = 0;
  /** So often, since a block of it was stored. */
  #stalls = 0;
  #blocked: FirewallAt | undefined;
  #tries = 0;
  /** How often the other side said on this control where it listens. */
  #places = 0;
  #upAtMs = 0;
  /** Lanes that the other side, or the network, ended soon after they came up, one after the other. */
  #briefLanes = 0;
  /** Dialled no sooner, whatever the other side says. */
  #dialAtMs = 0;
  #cancelAgain: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #cancelRest: (() => void) | undefined;

  constructor(parts: DirectLaneParts) {
    this.#parts = parts;
    parts.host.onLane((at) => {
      if (!this.#isListening) return;
      if (at === 'down' && this.#isUp) this.#countBrief();
      this.#changed(at);
    });
    parts.host.onBlocked((at) => this.#setBlocked(at));
    parts.host.onBlock((arrival) => {
      const why = parts.assembler.onDirect(arrival);
      if (why !== undefined) parts.session.violation(why);
    });
  }

  /** Both sides have said hello on this control, and the other side knows direct lanes. */
  async offer(): Promise<void> {
    const { signal } = this.#control;
    const place = await this.#parts.host.listen();
    if (place === null || signal.aborted) return;
    this.#isListening = true;
    this.#parts.session.send({ type: 'direct', fingerprint: place.fingerprint, port: place.port });
    this.#meet();
  }

  onMessage({ fingerprint, port }: ControlOf<'direct'>): void {
    this.#places += 1;
    if (this.#places > directPlacesMax) {
      this.#parts.session.violation('says too often where it listens');
      return;
    }
    this.#peer = { fingerprint, port };
    this.#tries = 0;
    this.#meet();
  }

  /** The address of the other side that the link uses now. A name, or one that the browser hides, nobody can dial. */
  addressIs(told: string): void {
    const address = isDialable(told) ? told : undefined;
    if (address === this.#address) return;
    this.#address = address;
    this.#tries = 0;
    this.#meet();
  }

  get isUsed(): boolean {
    return this.#isUsed;
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

  /** The link goes on over another connection, maybe from another address: both sides say anew where they listen. */
  controlChanged(): void {
    this.#forgetOffer();
    this.#places = 0;
    this.#peer = undefined;
    this.#address = undefined;
    this.linkIsDown();
  }

  /** The link came back: what kept the lane from coming up may be over. */
  linkIsUp(): void {
    this.#isLinkUp = true;
    this.#tries = 0;
    this.#meet();
  }

  /** The link ended. */
  close(): void {
    this.#forgetOffer();
    this.#isListening = false;
    this.#peer = undefined;
    this.#address = undefined;
    this.#cancelAgain?.();
    this.#cancelRest?.();
    this.#restsUntilMs = 0;
    this.#stalls = 0;
    this.#places = 0;
    this.#briefLanes = 0;
    this.#dialAtMs = 0;
    this.#setBlocked(undefined);
    this.#changed('down');
    this.#parts.host.close().catch(() => undefined);
  }

  /** The host may answer only now, and what it says is not for whatever control there is by then. */
  #forgetOffer(): void {
    this.#control.abort();
    this.#control = new AbortController();
  }

  #meet(): void {
    this.#cancelAgain?.();
    if (this.#isUp || !this.#isLinkUp || !this.#isListening || this.#peer === undefined) return;
    const { clock } = this.#parts;
    const again = () => this.#meet();
    const waitMs = this.#dialAtMs - clock.now();
    if (waitMs > 0) {
      this.#cancelAgain = clock.after(waitMs, again);
      return;
    }
    this.#cancelAgain = clock.after(pauseAfter(this.#tries), again);
    this.#tries += 1;
    const address = this.#address === undefined ? {} : { address: this.#address };
    this.#parts.host.meet({ ...this.#peer, ...address }).catch(() => undefined);
  }

  #changed(at: 'up' | 'down' | 'refused'): void {
    this.#isUp = at === 'up';
    if (this.#isUp) {
      this.#upAtMs = this.#parts.clock.now();
      this.#cancelAgain?.();
      this.#setBlocked(undefined);
    }
    this.#judge();
    if (at === 'refused') this.#parts.session.violation('breaks the rules of the direct lane');
    else if (!this.#isUp) this.#meet();
  }

  /**
   * Whoever lets a lane come up and closes it at once would be dialled as fast as it does so, or dials as fast itself, and for each lane
   * that is used blocks are read. One that ended once is used as soon as it is back: the other side may know before us that the link moved.
   */
  #countBrief(): void {
    const now = this.#parts.clock.now();
    if (now - this.#upAtMs >= directBriefMs) {
      this.#briefLanes = 0;
      return;
    }
    this.#dialAtMs = now + pauseAfter(this.#briefLanes);
    if (this.#briefLanes > 0) this.#restUntil(this.#dialAtMs);
    this.#briefLanes += 1;
  }

  #setBlocked(at: FirewallAt | undefined): void {
    if (at === this.#blocked || (at !== undefined && !this.#isListening)) return;
    this.#blocked = at;
    this.#parts.emit({ is: 'direct-blocked', at });
  }

  #judge(): void {
    const { clock, pool, emit } = this.#parts;
    const isUsed = this.#isUp && clock.now() >= this.#restsUntilMs;
    if (isUsed === this.#isUsed) return;
    this.#isUsed = isUsed;
    this.#cancelWatch?.();
    if (isUsed) {
      this.#cancelWatch = watchForStall(clock, {
        oldest: () => pool.oldestOn(directLaneNumber).join(),
        onStored: () => {
          this.#stalls = 0;
        },
        onStalled: () => this.#rest(),
      });
      pool.addDirect(new DirectSender(clock));
    } else pool.removeDirect();
    emit({ is: 'direct-lane', isUp: isUsed });
  }

  /**
   * A computer may have slept for a moment, and some networks let a handshake pass and nothing larger: there a new connection would only
   * stall again.
   */
  #rest(): void {
    const { clock, host } = this.#parts;
    this.#restUntil(clock.now() + ofTimes(directRestMs, this.#stalls));
    this.#stalls += 1;
    this.#changed('down');
    host.drop().catch(() => undefined);
  }

  #restUntil(ms: number): void {
    this.#restsUntilMs = Math.max(this.#restsUntilMs, ms);
    this.#onceRested();
  }

  /** A timer leaves fractions of a millisecond out, and may be early by one. */
  #onceRested(): void {
    const { clock } = this.#parts;
    this.#cancelRest?.();
    const leftMs = this.#restsUntilMs - clock.now();
    if (leftMs > 0) this.#cancelRest = clock.after(Math.ceil(leftMs), () => this.#onceRested());
    else this.#judge();
  }
}

function pauseAfter(times: number): number {
  return ofTimes(directAgainMs, times);
}

/** The last of them counts from then on. */
function ofTimes(pausesMs: readonly number[], times: number): number {
  return pausesMs[Math.min(times, pausesMs.length - 1)]!;
}

type StallWatch = {
  /** What waits longest for being stored. An empty text is nothing that waits. */
  readonly oldest: () => string;
  readonly onStored: () => void;
  readonly onStalled: () => void;
};

/**
 * A connection may look alive for minutes after the network stopped passing its packets.
 * Calls `onStalled` once what `oldest` names has been the same for long, and then looks no more. Returns how to stop.
 */
function watchForStall(clock: Clock, { oldest, onStored, onStalled }: StallWatch): () => void {
  let seen = '';
  let sinceMs = clock.now();
  let cancel = clock.after(directStallLookMs, look);

  function look(): void {
    const now = oldest();
    if (now === '' || now !== seen) {
      if (seen !== '') onStored();
      seen = now;
      sinceMs = clock.now();
    } else if (clock.now() - sinceMs >= directStallMs) {
      onStalled();
      return;
    }
    cancel = clock.after(directStallLookMs, look);
  }

  return () => cancel();
}
