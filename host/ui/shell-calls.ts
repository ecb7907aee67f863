// What the page asks of the shell and of this computer as a whole.

import { release } from 'node:os';
import type { ShellServices } from '../host.ts';
import { webLink } from '../open-received.ts';
import type { RunSettings } from '../run-settings.ts';
import type { UiGroup } from './call-groups.ts';

export type ShellCallsOptions = {
  readonly services: ShellServices;
  readonly settings: RunSettings;
  readonly version: string;
  readonly isKeychainLocked: () => boolean;
};

export function shellCalls({
  services,
  settings,
  version,
  isKeychainLocked,
}: ShellCallsOptions): UiGroup<'shell' | 'diagnostics'> {
  return {
    'shell.openLink': ({ url }) => services.openLink(webLink(url)),
    'shell.progress': ({ fraction, busy }) => services.showProgress(fraction, busy),
    'shell.notify': ({ title, body }) => {
      if (settings.get().notifications) services.notify(title, body);
    },
    'shell.copy': ({ text }) => services.copy(text),
    'shell.readCode': () => services.readCode(),
    'shell.scanning': ({ on }) => services.setScanning(on),
    'diagnostics.host': () => [
      { name: 'version', value: version },
      { name: 'shell', value: services.kind },
      { name: 'system', value: `${process.platform} ${process.arch} ${release()}` },
      { name: 'node', value: process.versions.node },
      ...(isKeychainLocked() ? [{ name: 'keychain', value: 'locked' }] : []),
    ],
  };
}
