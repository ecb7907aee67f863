// The offers that wait for a person's answer: listed, planned and granted. Promises: nothing on disk is touched; as many at once as
// the bound allows, also of those that come at the same moment.

import type { Handlers } from '../../shared/ipc/calls.ts';
import type { EngineCalls, UiCalls } from '../../shared/ipc/contract.ts';
import { Fault } from '../../shared/model/fault.ts';
import { layOut } from '../../shared/model/layout.ts';
import type { Selection } from '../../shared/model/manifest.ts';
import { effectiveSelection, offerRows } from '../../shared/model/offer-plan.ts';
import { transfersMaxLive } from '../../shared/wire/limits.ts';
import type { Disk } from '../disk/disk.ts';
import type { DiskLimits } from './active-receive.ts';
import { type Destination, type Destinations, refuseWithoutRoom } from './destination.ts';
import { candidatesIn, compareIn } from './identical-files.ts';
import { addEntries, digestOf, inTurn, newOffer, type Offer, plannedOf, planOffer } from './offer.ts';

export type OpenOffersOptions = DiskLimits & {
  readonly disk: Disk;
  readonly destinations: Destinations;
  readonly defaultDestination: () => Promise<Destination>;
  /** Transfers under way: they count as well. */
  readonly liveCount: () => number;
  readonly isKnown: (id: string) => Promise<boolean>;
};

type EngineCall = `receive.${'begin' | 'entries' | 'plan' | 'candidates' | 'compare'}`;
type OfferCall = Extract<keyof UiCalls, `offer.${string}`>;

export interface OpenOffers {
  readonly engine: Pick<Handlers<EngineCalls>, EngineCall>;
  readonly ui: Pick<Handlers<UiCalls>, OfferCall>;
  get(id: string): Offer;
  has(id: string): boolean;
  remove(id: string): void;
  clear(): void;
}

export function openOffers(options: OpenOffersOptions): OpenOffers {
  const { disk, destinations, defaultDestination, liveCount, isKnown } = options;
  const offers = new Map<string, Offer>();

  function get(id: string): Offer {
    const offer = offers.get(id);
    if (offer === undefined) throw new Fault('transfer-unknown', 'no such offer');
    return offer;
  }

  return {
    engine: {
      'receive.begin': async ({ transfer, ...offer }) => {
        if (!offers.has(transfer) && offers.size + liveCount() >= transfersMaxLive * 2) {
          throw new Fault('bridge-busy', 'too many offers at once');
        }
        const begun = newOffer(offer);
        // Before anything is waited for: what is asked at the same moment counts it.
        offers.set(transfer, begun);
        try {
          if (await isKnown(transfer)) throw new Fault('transfer-refused', 'this transfer is known already');
        } catch (error) {
          if (offers.get(transfer) === begun) offers.delete(transfer);
          throw error;
        }
      },
      'receive.entries': ({ transfer, entries }) => addEntries(get(transfer), entries),
      'receive.plan': async ({ transfer }) => {
        const offer = get(transfer);
        return inTurn(offer, async () => planOffer(disk, offer, await defaultDestination(), destinations));
      },
      'receive.candidates': ({ transfer, from }) => candidatesIn(get(transfer), from),
      'receive.compare': async ({ transfer, digests }) => {
        const offer = get(transfer);
        return { same: await compareIn(disk, offer, { digests, isOver: () => offers.get(transfer) !== offer }) };
      },
    },
    ui: {
      'offer.rows': ({ transfer, ...page }) => {
        const offer = get(transfer);
        const exists = (index: number) => offer.existing?.has(index) ?? false;
        return { rows: offerRows(plannedOf(offer), page, exists), total: offer.entries.length };
      },
      'offer.replan': ({ transfer, destination }) => {
        const offer = get(transfer);
        return inTurn(offer, () => planOffer(disk, offer, destinations.find(destination), destinations));
      },
      'offer.grant': ({ transfer, manifestDigest, selection: wanted, destination, conflict }) => {
        const offer = get(transfer);
        if (digestOf(offer) !== manifestDigest) throw new Fault('transfer-refused', 'another list was shown');
        const selection = wanted as Selection;
        return inTurn(offer, async () => {
          const place = destinations.find(destination);
          await planOffer(disk, offer, place, destinations);
          effectiveSelection(plannedOf(offer), selection, new Set());
          await refuseWithoutRoom(place.folder, layOut(offer.entries, selection).totalBytes, options);
          offer.grant = { destination: place, conflict, selection };
        });
      },
    },
    get,
    has: (id) => offers.has(id),
    remove: (id) => void offers.delete(id),
    clear: () => offers.clear(),
  };
}
