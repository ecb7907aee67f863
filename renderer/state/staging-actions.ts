// Putting things down to be sent. They wait as chips until the link is open and are offered by themselves then.

import type { HostItem } from '../../shared/ipc/contract.ts';
import { toFaultView } from '../../shared/model/fault.ts';
import { isOpen, type StateDesk } from './app-state.ts';
import { takeDrop, walkDrop } from './dropped.ts';
import type { Ports } from './ports.ts';
import { fromInput, type Picked, type StagedItem, toStagedItems } from './staged.ts';

export function stagingActions({ get, set, toast }: StateDesk, { engine, host, stageDropped }: Ports) {
  let lastId = 0;
  /** The host may tell of one item twice (an answer and an event); it is offered once. */
  const seen = new Set<string>();

  function add(items: readonly StagedItem[]): void {
    if (items.length === 0) return;
    set(({ staged }) => ({ staged: [...staged, ...items] }));
    offerStaged();
  }

  function addHostItems(items: readonly HostItem[]): void {
    const fresh = items.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    add(fresh.map((item) => ({ from: 'host', ...item })));
  }

  const addPicked = (picked: Picked) => add(toStagedItems(picked, () => `page-${++lastId}`));

  const unreadable = () =>
    toast({ is: 'fault', fault: { code: 'source-unreadable', message: 'something dropped could not be read' } });

  function offerStaged(): void {
    const { staged, session } = get();
    if (staged.length === 0 || !isOpen(session)) return;
    set(() => ({ staged: [] }));
    const hostItems = staged.filter((item) => item.from === 'host');
    const pageItems = staged.filter((item) => item.from === 'page');
    if (hostItems.length > 0) engine.command({ do: 'send-items', items: hostItems.map(({ id }) => id) });
    if (pageItems.length > 0) {
      engine.command({
        do: 'send-files',
        files: pageItems.flatMap(({ files }) => files),
        emptyFolders: pageItems.flatMap(({ emptyFolders }) => emptyFolders),
      });
    }
  }

  return {
    addHostItems,
    offerStaged,
    pickedFiles: (files: Iterable<File>) => addPicked(fromInput(files)),
    async pick(kind: 'files' | 'folder'): Promise<void> {
      try {
        addHostItems(await host.call('stage.pick', { kind }));
      } catch (error) {
        toast({ is: 'fault', fault: toFaultView(error) });
      }
    },
    /** Must be called inside the drop event. */
    dropped(transfer: DataTransfer): void {
      if (stageDropped === undefined) walkDrop(takeDrop(transfer)).then(addPicked, unreadable);
      else stageDropped([...transfer.files]).then(addHostItems, unreadable);
    },
    pastedFiles(files: readonly File[]): void {
      if (stageDropped === undefined) addPicked(fromInput(files));
      else stageDropped(files).then(addHostItems, unreadable);
    },
    unstage(item: StagedItem): void {
      set(({ staged }) => ({ staged: staged.filter(({ id }) => id !== item.id) }));
      if (item.from === 'host') host.call('stage.remove', { id: item.id }).catch(() => undefined);
    },
  };
}
