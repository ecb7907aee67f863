// The settings as the page reads and writes them, and the folders that it may name: those that a person picked.

import type { RunSettings } from '../run-settings.ts';
import type { Destinations } from '../sink/destination.ts';
import type { EmitUi, UiGroup } from './call-groups.ts';
import type { PickFolder } from './folder-picker.ts';

export type SettingsCallsOptions = {
  readonly settings: RunSettings;
  readonly destinations: Destinations;
  readonly pickFolder: PickFolder;
  readonly emit: EmitUi;
  /** Everything that a setting turns on or off does so before the call is answered. */
  readonly applied: () => Promise<void>;
};

export function settingsCalls({
  settings,
  destinations,
  pickFolder,
  emit,
  applied,
}: SettingsCallsOptions): UiGroup<'settings' | 'destination'> {
  function shown() {
    emit('settings-changed', settings.get());
    return settings.get();
  }

  return {
    'settings.write': async (patch) => {
      await settings.write(patch);
      await applied();
      return shown();
    },
    'settings.pickDownloadDir': async () => {
      const folder = await pickFolder();
      if (folder === undefined) return settings.get();
      await destinations.admit(folder);
      await settings.write({ downloadDir: folder });
      return shown();
    },
    'destination.pick': async () => {
      const folder = await pickFolder();
      return folder === undefined ? null : destinations.admit(folder);
    },
  };
}
