// The list of an offer while its parts come in: in order, bounded, and adding up to what was announced.

import { Fault } from '../../shared/model/fault.ts';
import { totalsOf } from '../../shared/model/layout.ts';
import type { ManifestEntry, ManifestTotals } from '../../shared/model/manifest.ts';
import { parseManifestEntries, sumOfSizes } from '../../shared/model/manifest-parse.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import { blockBytes, manifestMaxBytes, offersMaxBytes, transferMaxBlocks } from '../../shared/wire/limits.ts';

export class OfferList {
  #entries: ManifestEntry[] = [];
  #bytes = 0;
  #nextPart = 0;

  get entries(): readonly ManifestEntry[] {
    return this.#entries;
  }

  /** As they came. */
  get bytes(): number {
    return this.#bytes;
  }

  isNext(part: number): boolean {
    return part === this.#nextPart;
  }

  /** Throws where the offer cannot be believed or held. `offeredBytes` counts this list too. */
  take(message: ControlOf<'manifest'>, told: ManifestTotals, offeredBytes: () => number): void {
    if (message.part === 0) this.#entries = [];
    this.#nextPart += 1;
    this.#bytes += new TextEncoder().encode(JSON.stringify(message.entries)).byteLength;
    if (this.#bytes > manifestMaxBytes || offeredBytes() > offersMaxBytes) {
      throw new Fault('manifest-too-large', 'manifest too large');
    }
    this.#entries.push(...parseManifestEntries(message.entries, this.#entries.length));
    if (message.last) this.#checkTotals(told);
  }

  /** It will be told from the start once more. */
  beginAnew(): void {
    this.#nextPart = 0;
    this.#bytes = 0;
  }

  /** A stranger may offer and withdraw long lists for ever. */
  forget(): void {
    this.#entries = [];
  }

  #checkTotals(told: ManifestTotals): void {
    const sum = sumOfSizes(this.#entries);
    const { files, folders, bytes } = totalsOf(this.#entries, 'all');
    if (sum !== told.bytes || bytes !== sum || files !== told.files || folders !== told.folders) {
      throw new Fault('manifest-invalid', 'the totals are not those of the entries');
    }
    if (Math.ceil(sum / blockBytes) > transferMaxBlocks) {
      throw new Fault('manifest-too-large', 'too many bytes for one transfer');
    }
  }
}
