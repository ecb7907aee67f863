// The receive prompt: loads the rows page by page, keeps the ticks, and answers. The host's grant comes before the
// engine's accept, so that nothing is written that a person did not allow.

import type { ConflictPolicy, DestinationView, OfferPlan, OfferRow } from '../../shared/ipc/views.ts';
import { mayAutoAccept } from '../../shared/model/auto-accept.ts';
import { toFaultView } from '../../shared/model/fault.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import { type AppState, type OfferListing, type OfferPrompt, peerOf, type StoreAccess } from './app-state.ts';
import { growTree, setAll, type Ticks, tickAll, toggle, toSelection } from './offer-tree.ts';
import type { Ports } from './ports.ts';

const rowsPerPage = 2000;
/** A longer list opens with its folders shut. */
const openUpTo = 400;

/** One list of an offer: its sender may take it back and make another one of the same name, while something is waited for. */
type ShownList = { readonly transfer: TransferId; readonly manifestDigest: string };

const listOf = ({ transfer, plan: { manifestDigest } }: OfferPrompt): ShownList => ({ transfer, manifestDigest });

const isOf = ({ transfer, plan }: OfferPrompt, list: ShownList): boolean =>
  transfer === list.transfer && plan.manifestDigest === list.manifestDigest;

export function offerActions({ get, set }: StoreAccess, { engine, host }: Ports) {
  const present = (transfer: TransferId) => get().offers.find((offer) => offer.transfer === transfer);
  const find = (list: ShownList) => get().offers.find((offer) => isOf(offer, list));

  function change(list: ShownList, next: (offer: OfferPrompt) => Partial<OfferPrompt>): void {
    set(({ offers }) => ({
      offers: offers.map((offer) => (isOf(offer, list) ? { ...offer, ...next(offer) } : offer)),
    }));
  }

  function changePresent(transfer: TransferId, next: (offer: OfferPrompt) => Partial<OfferPrompt>): void {
    const offer = present(transfer);
    if (offer !== undefined) change(listOf(offer), next);
  }

  function changeTicks(
    transfer: TransferId,
    next: (listing: OfferListing & { at: 'ready' }) => Partial<OfferListing>,
  ): void {
    changePresent(transfer, ({ listing }) =>
      listing.at === 'ready' ? { listing: { ...listing, ...next(listing) } as OfferListing } : {},
    );
  }

  async function load(transfer: TransferId, plan: OfferPlan, ticked?: ReadonlySet<number>): Promise<void> {
    const list: ShownList = { transfer, manifestDigest: plan.manifestDigest };
    const rows: OfferRow[] = [];
    try {
      for (let total = Number.POSITIVE_INFINITY; rows.length < total && find(list) !== undefined; ) {
        const page = await host.call('offer.rows', { transfer, from: rows.length, count: rowsPerPage });
        total = page.total;
        rows.push(...page.rows);
        if (page.rows.length === 0) break;
        const loaded = rows.length;
        if (loaded < total) change(list, () => ({ listing: { at: 'loading', loaded, total } }));
      }
      change(list, () => ({ listing: listingOf(rows, plan, ticked) }));
    } catch (error) {
      change(list, () => ({ listing: { at: 'failed', fault: toFaultView(error) } }));
    }
  }

  async function moveTo(list: ShownList, destination: DestinationView): Promise<void> {
    const { transfer } = list;
    const plan = await host.call('offer.replan', { transfer, destination: destination.id });
    const shown = find(list);
    if (shown === undefined || plan.manifestDigest !== list.manifestDigest) return;
    const ticked = tickedIndexes(shown);
    change(list, () => ({ plan, answer: { at: 'open' } }));
    await load(transfer, plan, ticked);
  }

  async function tried(list: ShownList, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      change(list, () => ({ answer: { at: 'failed', fault: toFaultView(error) } }));
    }
  }

  /** What this remembered computer sends goes there. A folder that is gone is told of, and the person is asked. */
  const takeFolderOf = (list: ShownList, id: string) =>
    tried(list, async () => {
      const destination = await host.call('remembered.acceptDestination', { id });
      if (destination !== null) await moveTo(list, destination);
    });

  function rememberedPeer(): AppState['known'][number] | undefined {
    const { known, session } = get();
    const id = peerOf(session)?.knownId;
    return known.find((entry) => entry.id === id && !entry.blocked);
  }

  const remove = (transfer: TransferId) =>
    set(({ offers }) => ({ offers: offers.filter((offer) => offer.transfer !== transfer) }));

  async function accept(transfer: TransferId, by: 'person' | 'itself'): Promise<void> {
    const offer = present(transfer);
    if (offer === undefined || offer.listing.at !== 'ready' || offer.answer.at === 'sent') return;
    const { conflict, listing, plan } = offer;
    const list = listOf(offer);
    change(list, () => ({ answer: { at: 'sent' } }));
    await tried(list, async () => {
      const selection = toSelection(listing.tree, listing.ticks);
      const destination = plan.destination.id;
      await host.call('offer.grant', {
        ...list,
        selection: selection === 'all' ? 'all' : [...selection],
        destination,
        conflict,
      });
      if (find(list) === undefined) return;
      if (by === 'itself') set(({ automatic }) => ({ automatic: new Set([...automatic, transfer]) }));
      engine.command({ do: 'accept', transfer, conflict });
      remove(transfer);
    });
  }

  return {
    async offerCame(transfer: TransferId, plan: OfferPlan): Promise<void> {
      const total = plan.totals.files + plan.totals.folders;
      const offer: OfferPrompt = {
        transfer,
        plan,
        listing: { at: 'loading', loaded: 0, total },
        conflict: 'keep-both',
        answer: { at: 'open' },
      };
      set(({ offers }) => ({ offers: [...offers.filter((held) => held.transfer !== transfer), offer] }));
      const list = listOf(offer);
      await load(transfer, plan);
      const remembered = rememberedPeer();
      if (remembered?.acceptMaxBytes !== undefined && remembered.acceptDir !== undefined)
        await takeFolderOf(list, remembered.id);
      // Meanwhile the person may have blocked them, or turned this off.
      const { isGuestPeer, settings, session } = get();
      const peer = peerOf(session);
      const entry = rememberedPeer();
      const held = find(list);
      if (held?.listing.at !== 'ready' || held.answer.at !== 'open') return;
      const rows = held.listing.tree.nodes.flatMap(({ row }) => row ?? []);
      const wanted = { acceptVerified: settings.acceptVerified, rememberedMaxBytes: entry?.acceptMaxBytes };
      const { destination, fits, totals } = held.plan;
      const judged = { bytes: totals.bytes, fits, isShared: destination.isShared === true, rows };
      if (!mayAutoAccept(peer && { trust: peer.trust, isGuest: isGuestPeer }, wanted, judged)) return;
      await accept(transfer, 'itself');
    },
    offerGone: remove,
    /** Something was removed: what did not fit may fit now. */
    async roomChanged(): Promise<void> {
      for (const offer of get().offers) {
        const { answer, plan } = offer;
        const list = listOf(offer);
        if (!plan.fits && answer.at !== 'sent') await tried(list, () => moveTo(list, plan.destination));
      }
    },
    accept: (transfer: TransferId) => accept(transfer, 'person'),
    decline(transfer: TransferId): void {
      engine.command({ do: 'decline', transfer });
      remove(transfer);
    },
    setConflict: (transfer: TransferId, conflict: ConflictPolicy) => changePresent(transfer, () => ({ conflict })),
    tick: (transfer: TransferId, node: number) =>
      changeTicks(transfer, ({ tree, ticks }) => ({ ticks: toggle(tree, ticks, node) })),
    tickEverything: (transfer: TransferId, on: boolean) =>
      changeTicks(transfer, ({ tree }) => ({ ticks: setAll(tree, on) })),
    toggleFolder: (transfer: TransferId, node: number) =>
      changeTicks(transfer, ({ closed }) => {
        const next = new Set(closed);
        if (!next.delete(node)) next.add(node);
        return { closed: next };
      }),
    async pickDestination(transfer: TransferId): Promise<void> {
      const offer = present(transfer);
      if (offer === undefined) return;
      const list = listOf(offer);
      await tried(list, async () => {
        const destination = await host.call('destination.pick', {});
        if (destination !== null) await moveTo(list, destination);
      });
    },
  };
}

function listingOf(rows: readonly OfferRow[], plan: OfferPlan, ticked?: ReadonlySet<number>): OfferListing {
  const tree = growTree(rows, new Set(plan.refused.map(({ index }) => index)));
  const all = tickAll(tree);
  const ticks: Ticks =
    ticked === undefined ? all : all.map((tick, at) => (ticked.has(tree.nodes[at]!.row?.index ?? -1) ? tick : 0));
  const closed = new Set<number>();
  if (tree.nodes.length > openUpTo) {
    for (const [at, node] of tree.nodes.entries()) if (node.end > at + 1 && node.depth > 0) closed.add(at);
  }
  return { at: 'ready', tree, ticks, closed };
}

function tickedIndexes(offer: OfferPrompt | undefined): ReadonlySet<number> | undefined {
  if (offer === undefined || offer.listing.at !== 'ready') return undefined;
  const { tree, ticks } = offer.listing;
  return new Set(tree.nodes.flatMap((node, at) => (ticks[at] === 1 && node.row !== undefined ? [node.row.index] : [])));
}
