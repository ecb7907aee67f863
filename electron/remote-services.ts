// Shell services as the host uses them, asked of main. What is only shown is not waited for.

import type { ShellServices } from '../host/host.ts';
import type { RpcClient } from '../shared/ipc/rpc.ts';
import type { ShellCalls } from './process-calls.ts';

export function openRemoteServices(shell: RpcClient<ShellCalls, Record<never, never>>): ShellServices {
  const show = (shown: Promise<unknown>): void => void shown.catch(() => undefined);
  return {
    kind: 'electron',
    dialogs: true,
    folderDialog: true,
    pickFiles: () => shell.call('pickFiles', {}),
    pickFolderToSend: () => shell.call('pickFolderToSend', {}),
    pickDestination: async (current) => (await shell.call('pickDestination', { current })) ?? undefined,
    reveal: (path) => shell.call('reveal', { path }),
    openFile: (path) => shell.call('openFile', { path }),
    confirmOpen: (name) => shell.call('confirmOpen', { name }),
    openLink: (url) => shell.call('openLink', { url }),
    trash: (path) => shell.call('trash', { path }),
    notify: (title, body) => show(shell.call('notify', { title, body })),
    showProgress: (fraction, busy) => show(shell.call('showProgress', { fraction, busy })),
    copy: (text) => shell.call('copy', { text }),
    readCode: () => shell.call('readCode', {}),
    // Waited for: the page asks for the camera once this is answered.
    setScanning: (on) => shell.call('setScanning', { on }),
    guestPage: () => shell.call('guestPage', {}),
    secrets: {
      seal: async (plain) => (await shell.call('seal', { plain })) ?? undefined,
      open: (sealed) => shell.call('unseal', { sealed }),
    },
  };
}
