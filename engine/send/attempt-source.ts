// The source as one attempt reads it: an answer that an earlier attempt asked for is nobody's any more, and every file that
// cannot be read is named to the other side, once in each attempt, before anything of it counts as whole.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import type { DirectSent, Source } from '../ports.ts';

const faultsPerMessage = 512;

type FaultAt = ControlOf<'file-faults'>['faults'][number];

export type AttemptPorts = {
  readonly source: Source;
  tag(): number;
  /** Of all attempts, with their codes. */
  readonly faults: ReadonlyMap<number, FaultCode>;
  /** Some more; they are in `faults` when this returns. */
  found(faults: readonly FaultAt[]): void;
  say(faults: FaultAt[]): void;
};

export class AttemptSource {
  readonly #ports: AttemptPorts;

  constructor(ports: AttemptPorts) {
    this.#ports = ports;
  }

  /** What was named in an attempt before may have been lost with its link. */
  begin(): void {
    this.#say([...this.#ports.faults].map(([index, code]) => ({ index, code })));
  }

  async select(selection: Parameters<Source['select']>[0]): Promise<void> {
    await this.#own(this.#ports.source.select(selection));
  }

  async read(block: number): ReturnType<Source['read']> {
    const answer = await this.#own(this.#ports.source.read(block));
    this.#name(answer.faults);
    return answer;
  }

  /** The host reads and sends it. */
  async sent(sending: Promise<DirectSent>): Promise<DirectSent> {
    const answer = await this.#own(sending);
    this.#name(answer.faults);
    return answer;
  }

  knownHashes(from: number, count: number): Promise<Uint8Array> {
    return this.#own(this.#ports.source.knownHashes(from, count));
  }

  #name(faults: readonly FaultAt[]): void {
    const fresh = faults.filter(({ index }) => !this.#ports.faults.has(index));
    if (fresh.length === 0) return;
    this.#ports.found(fresh);
    this.#say(fresh);
  }

  #say(faults: readonly FaultAt[]): void {
    for (let at = 0; at < faults.length; at += faultsPerMessage) {
      this.#ports.say(faults.slice(at, at + faultsPerMessage).map(({ index, code }) => ({ index, code })));
    }
  }

  async #own<T>(answer: Promise<T>): Promise<T> {
    const tag = this.#ports.tag();
    const own = await answer;
    if (tag !== this.#ports.tag()) throw new Fault('internal', 'asked for by an earlier attempt');
    return own;
  }
}
