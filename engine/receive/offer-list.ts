// The list of an offer while its parts come in: in order, bounded, and adding up to what was announced. And the small pictures of it.

import { Fault } from '../../shared/model/fault.ts';
import { totalsOf } from '../../shared/model/layout.ts';
import type { ManifestEntry, ManifestTotals } from '../../shared/model/manifest.ts';
import { parseManifestEntries, sumOfSizes } from '../../shared/model/manifest-parse.ts';
import type { ControlOf } from '../../shared/wire/control.ts';
import {
  blockBytes,
  manifestMaxBytes,
  offersMaxBytes,
  thumbnailFilesMax,
  thumbnailsMax,
  transferMaxBlocks,
} from '../../shared/wire/limits.ts';

export class OfferList {
  readonly #announced: ManifestTotals;
  #entries: ManifestEntry[] = [];
  #bytes = 0;
  #nextPart = 0;
  /** Parts that the host does not have yet. */
  #waiting: ControlOf<'manifest'>[] = [];

  constructor(announced: ManifestTotals) {
    this.#announced = announced;
  }

  get entries(): readonly ManifestEntry[] {
    return this.#entries;
  }

  /** As they came. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The part that the host gets next. */
  get nextForHost(): ControlOf<'manifest'> | undefined {
    return this.#waiting[0];
  }

  /** The host has that part. Returns whether it was the last one. */
  partTaken(): boolean {
    return this.#waiting.shift()?.last ?? false;
  }

  /** It is nobody's any more: whatever waits for the host holds nothing of it. */
  drop(): void {
    this.#entries = [];
    this.#waiting = [];
  }

  isNext(part: number): boolean {
    return part === this.#nextPart;
  }

  /**
   * Returns whether nothing waited for the host before it. Throws where the offer cannot be believed or held. `offeredBytes` counts this
   * list too.
   */
  add(message: ControlOf<'manifest'>, offeredBytes: () => number): boolean {
    this.#nextPart += 1;
    this.#bytes += new TextEncoder().encode(JSON.stringify(message.entries)).byteLength;
    if (this.#bytes > manifestMaxBytes || offeredBytes() > offersMaxBytes) {
      throw new Fault('manifest-too-large', 'manifest too large');
    }
    this.#entries.push(...parseManifestEntries(message.entries, this.#entries.length));
    if (message.last) this.#checkTotals();
    return this.#waiting.push(message) === 1;
  }

  #checkTotals(): void {
    if (this.#entries.length === 0) throw new Fault('manifest-invalid', 'an offer of nothing');
    const sum = sumOfSizes(this.#entries);
    const { files, folders, bytes } = totalsOf(this.#entries, 'all');
    const told = this.#announced;
    if (sum !== told.bytes || bytes !== sum || files !== told.files || folders !== told.folders) {
      throw new Fault('manifest-invalid', 'the totals are not those of the entries');
    }
    if (Math.ceil(sum / blockBytes) > transferMaxBlocks) {
      throw new Fault('manifest-too-large', 'too many bytes for one transfer');
    }
  }
}

/** Each list of a transfer comes with small pictures of its own; they are shown of so many files over all its lists. */
export class OfferThumbnails {
  readonly #came = new Set<number>();
  readonly #shown = new Set<number>();

  beginList(): void {
    this.#came.clear();
  }

  add(index: number, { files, folders }: ManifestTotals): 'shown' | 'left-out' | 'refused' {
    const isOfFile = index < files + folders && files <= thumbnailFilesMax;
    if (!isOfFile || this.#came.has(index) || this.#came.size >= thumbnailsMax) return 'refused';
    this.#came.add(index);
    if (!this.#shown.has(index) && this.#shown.size >= thumbnailsMax) return 'left-out';
    this.#shown.add(index);
    return 'shown';
  }
}
