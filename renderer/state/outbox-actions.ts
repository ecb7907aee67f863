// Files and folders to be sent. They wait as chips, and are offered once the link is open and the person has said that
// this peer shall have them.

import type { UiEvents } from '../../shared/ipc/contract.ts';
import type { HostItem, PickRequest } from '../../shared/ipc/views.ts';
import { randomHex } from '../../shared/model/bytes.ts';
import { Fault, toFaultView } from '../../shared/model/fault.ts';
import type { PeerView } from '../../shared/model/link-view.ts';
import type { TransferId } from '../../shared/model/transfer.ts';
import { historyMaxItems } from '../../shared/wire/limits.ts';
import { isOpen, isSamePeer, peerOf, type StoreAccess } from './app-state.ts';
import { namesOf, takeDrop, walkDrop } from './drop-reader.ts';
import {
  fromInput,
  leftOut,
  type OutboxItem,
  orderInSlices,
  type Picked,
  toOutboxItems,
  topNames,
  withDistinctNames,
} from './outbox-item.ts';
import type { Ports } from './ports.ts';
import { openSlices } from './slices.ts';

/** So many files take long enough to be told of. */
const readingShownFrom = 2_000;

type Whom = PeerView | undefined;
type Named = { readonly name: string };

const nothingCopied = { text: '', files: [] };

export function outboxActions({ get, set, toast }: StoreAccess, { clock, engine, host, stageDropped, window }: Ports) {
  let lastId = 0;
  let lastPick = 0;
  /** By number of what is opened with Tincan: whoever was there, each time that the host told of it. */
  const openedFor = new Map<number, readonly Whom[]>();
  /** The host may tell of one item twice (a fact and an event); it is offered once. */
  const seen = new Set<string>();

  /** What is put down while somebody's name is on the screen is for them. It may take a while to be read, and be another link by then. */
  const whoIsThere = (): Whom => peerOf(get().session);

  /** Answers what it added. */
  function add(items: readonly OutboxItem[], whom: Whom): readonly OutboxItem[] {
    if (items.length === 0) return items;
    set(({ confirmed, session, staged }) => ({
      staged: [...staged, ...items],
      ...(isSamePeer(whom, peerOf(session))
        ? { confirmed: new Set([...confirmed, ...items.map(({ id }) => id)]) }
        : {}),
    }));
    offerOutbox();
    return items;
  }

  function addHostItems(items: readonly HostItem[], whom: Whom): readonly OutboxItem[] {
    const fresh = items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    return add(
      fresh.map((item) => ({ from: 'host', ...item })),
      whom,
    );
  }

  /** What the host found of these, and a word on the others. */
  function addFound(asked: readonly Named[], items: readonly HostItem[], whom: Whom): readonly OutboxItem[] {
    const names = leftOut(asked, items);
    if (names.length > 0) toast({ is: 'left-out', names });
    return addHostItems(items, whom);
  }

  function addPicked(picked: Picked, whom: Whom): readonly OutboxItem[] {
    const items = toOutboxItems(picked, () => `page-${++lastId}`);
    return add(items, whom);
  }

  /** With the page free meanwhile. */
  const addMany = async (picked: Picked, whom: Whom) => addPicked(await orderInSlices(picked, openSlices(clock)), whom);

  /** For nobody in particular: the person says who shall have it. */
  const putBack = (items: readonly OutboxItem[]) => set(({ staged }) => ({ staged: [...staged, ...items] }));

  /** Says that something is being read for as long as it takes. */
  async function reading<T>(names: readonly string[], work: Promise<T>): Promise<T> {
    set((state) => ({ reading: [...state.reading, names] }));
    return work.finally(() => set((state) => ({ reading: state.reading.filter((each) => each !== names) })));
  }

  const unreadable = (error: unknown) =>
    toast({
      is: 'fault',
      fault:
        error instanceof Fault
          ? toFaultView(error)
          : { code: 'source-unreadable', message: 'something dropped could not be read' },
    });

  function offerOutbox(): void {
    const { confirmed, session, staged } = get();
    const meant = staged.filter(({ id }) => confirmed.has(id));
    if (meant.length === 0 || !isOpen(session)) return;
    set(() => ({ staged: staged.filter(({ id }) => !confirmed.has(id)), confirmed: new Set() }));
    const hostItems = meant.filter((item) => item.from === 'host');
    const pageItems = meant.filter((item) => item.from === 'page');
    if (hostItems.length > 0) {
      engine.command({ do: 'send-items', items: hostItems.map(({ id }) => id), transfer: remember(hostItems) });
    }
    if (pageItems.length > 0) {
      engine.command({
        do: 'send-files',
        transfer: remember(pageItems),
        ...withDistinctNames(pageItems),
      });
    }
  }

  /** Names the transfer, so that what goes into it can be sent again. */
  function remember(items: readonly OutboxItem[]): TransferId {
    const transfer = randomHex(16);
    set(({ sent }) => ({ sent: new Map([...sent, [transfer, items] as const].slice(-historyMaxItems)) }));
    return transfer;
  }

  async function pick(kind: 'files' | 'folder'): Promise<void> {
    const whom = whoIsThere();
    try {
      addHostItems(await host.call('stage.pick', { kind }), whom);
    } catch (error) {
      toast({ is: 'fault', fault: toFaultView(error) });
    }
  }

  function pastedFilesFor(files: readonly File[], whom: Whom): void {
    const ofPage = () => addPicked(fromInput(files), whom);
    if (stageDropped === undefined) ofPage();
    // A picture that was copied is no file on the disk: only the page has it.
    else
      stageDropped(files).then((items) => (items.length === 0 ? ofPage() : addFound(files, items, whom)), unreadable);
  }

  return {
    /** Put down before there was a page: for nobody in particular. */
    addEarlier(items: readonly HostItem[]): void {
      addHostItems(items, undefined);
    },
    expectOpened(batch: number): void {
      openedFor.set(batch, [...(openedFor.get(batch) ?? []), whoIsThere()]);
    },
    /** What is opened one after the other may have one number: it is for somebody if all of it is. */
    addOpened({ batch, told, items, fault }: UiEvents['staged']): void {
      if (fault !== undefined) toast({ is: 'fault', fault });
      const [whom, ...others] = openedFor.get(batch) ?? [];
      const isForAll = others.length + 1 === told && others.every((other) => isSamePeer(whom, other));
      openedFor.delete(batch);
      addHostItems(items, isForAll ? whom : undefined);
    },
    putBack,
    putBackHostItems(items: readonly HostItem[]): void {
      for (const { id } of items) seen.add(id);
      putBack(items.map((item) => ({ from: 'host', ...item })));
    },
    offerOutbox,
    /** What was to go into a transfer that was never begun. */
    takeBack(transfer: TransferId): void {
      putBack(get().sent.get(transfer) ?? []);
      set(({ sent }) => ({ sent: new Map([...sent].filter(([id]) => id !== transfer)) }));
    },
    /** "Send 3 files to Ben?" was answered with yes. */
    sendOutbox(): void {
      set(({ staged }) => ({ confirmed: new Set(staged.map(({ id }) => id)) }));
      offerOutbox();
    },
    /** To whoever is linked now. */
    async sendAgain(transfer: TransferId): Promise<void> {
      const whom = whoIsThere();
      const sent = get().sent.get(transfer) ?? [];
      const pageItems = sent.filter((item) => item.from === 'page');
      if (pageItems.length > 0) {
        add(pageItems, whom);
        return;
      }
      try {
        const items = await host.call('stage.again', { transfer });
        if (items.length > 0) addFound(sent, items, whom);
        else toast({ is: 'fault', fault: { code: 'source-missing', message: 'nothing is left of it' } });
      } catch (error) {
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
    pickedFiles(files: Iterable<File>): void {
      // What the input holds is gone once this returns.
      const picked = fromInput([...files]);
      const whom = whoIsThere();
      if (picked.files.length < readingShownFrom) addPicked(picked, whom);
      else void reading(topNames(picked), addMany(picked, whom));
    },
    pick,
    /** The shell did. */
    async pickAsked({ kind, nth }: PickRequest): Promise<void> {
      if (nth <= lastPick) return;
      lastPick = nth;
      await pick(kind);
    },
    /** Must be called inside the drop event. `then` is told what came of it into the outbox, and not called where nothing did. */
    dropped(transfer: DataTransfer, then: (items: readonly OutboxItem[]) => void = () => undefined): void {
      const taken = takeDrop(transfer);
      const whom = whoIsThere();
      const added =
        stageDropped === undefined
          ? walkDrop(taken).then((picked) => addMany(picked, whom))
          : stageDropped(taken.files).then((items) => addFound(taken.files, items, whom));
      reading(namesOf(taken), added).then((items) => {
        if (items.length > 0) then(items);
      }, unreadable);
    },
    pastedFilesFor,
    pastedFiles: (files: readonly File[]) => pastedFilesFor(files, whoIsThere()),
    /** A text as a note, a picture as a file. The browser may ask first, for as long as the person likes. */
    async sendClipboard(): Promise<void> {
      const whom = whoIsThere();
      const { text, files } = await window.readAll().catch(() => nothingCopied);
      if (files.length > 0) pastedFilesFor(files, whom);
      else if (text.trim() === '') toast({ is: 'nothing-copied' });
      else if (isSamePeer(whom, whoIsThere())) engine.command({ do: 'send-text', text });
      else set(({ draft }) => ({ draft: draft === '' ? text : draft }));
    },
    removeFromOutbox(item: OutboxItem): void {
      set(({ staged }) => ({ staged: staged.filter(({ id }) => id !== item.id) }));
      if (item.from === 'host') host.call('stage.remove', { id: item.id }).catch(() => undefined);
    },
  };
}
