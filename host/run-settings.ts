// The person's settings as this run uses them: a download folder that the command line names stands for the kept one, until the
// person picks another.

import type { Settings } from '../shared/ipc/settings.ts';
import type { SettingsPatch, SettingsStore } from './settings.ts';

export class RunSettings {
  readonly #store: SettingsStore;
  #downloadDir: string | undefined;

  constructor(store: SettingsStore, downloadDir: string | undefined) {
    this.#store = store;
    this.#downloadDir = downloadDir;
  }

  get(): Settings {
    const kept = this.#store.get();
    return { ...kept, downloadDir: this.#downloadDir ?? kept.downloadDir };
  }

  async write(patch: SettingsPatch): Promise<void> {
    await this.#store.write(patch);
    if (patch.downloadDir !== undefined) this.#downloadDir = undefined;
  }
}
