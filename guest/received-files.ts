// Saves what was received from the page: by the browser's own download, or into a folder that the person picks.

import type { ReceivedFiles, WindowPort } from '../renderer/state/ports.ts';
import type { RpcClient } from '../shared/ipc/rpc.ts';
import { OneAtATime } from '../shared/model/one-at-a-time.ts';
import type { TransferId } from '../shared/model/transfer.ts';
import type { ReceivedCalls } from './received-calls.ts';

type FolderPicker = (options: { readonly mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

export function openReceivedFiles(
  host: RpcClient<ReceivedCalls, Record<never, never>>,
  window: Pick<WindowPort, 'save'>,
): ReceivedFiles {
  /** Two into one folder would both find the same name free. */
  const saves = new OneAtATime();
  const { showDirectoryPicker: pick } = globalThis as { readonly showDirectoryPicker?: FolderPicker };

  async function save(transfer: TransferId): Promise<void> {
    const files = await host.call('received.files', { transfer });
    const [first] = files;
    if (files.length === 1 && first?.path.length === 1) {
      window.save(first.path[0]!, await host.call('received.file', { transfer, index: first.index }));
      return;
    }
    const top = first?.path.length === 1 ? undefined : first?.path[0];
    window.save(`${top ?? 'Tincan'}.zip`, await host.call('received.zip', { transfer }));
  }

  async function saveEach(transfer: TransferId): Promise<void> {
    for (const { index, path } of await host.call('received.files', { transfer })) {
      window.save(path.at(-1)!, await host.call('received.file', { transfer, index }));
    }
  }

  async function saveToFolder(transfer: TransferId): Promise<boolean> {
    const folder = await pick?.({ mode: 'readwrite' }).catch((error: unknown) => {
      // The person thought better of it.
      if (error instanceof DOMException && error.name === 'AbortError') return undefined;
      throw error;
    });
    if (folder === undefined) return false;
    await saves.run(0, () => host.call('received.toFolder', { transfer, folder }));
    return true;
  }

  return {
    canPickFolder: pick !== undefined,
    save,
    saveEach,
    saveToFolder,
    discard: (transfer) => host.call('received.discard', { transfer }),
  };
}
