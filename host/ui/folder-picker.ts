// Asks the person for a folder, in a dialog of the shell that the page cannot answer.

import { Fault } from '../../shared/model/fault.ts';
import type { ShellServices } from '../host.ts';
import type { RunSettings } from '../run-settings.ts';

/** Nothing where the person thought better of it. */
export type PickFolder = () => Promise<string | undefined>;

export function folderPicker(services: ShellServices, settings: RunSettings): PickFolder {
  return async () => {
    if (!services.folderDialog) throw new Fault('bridge-refused', 'there are no dialogs in this shell');
    return services.pickDestination(settings.get().downloadDir);
  };
}
