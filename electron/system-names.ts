// The names by which the system knows the app: its identity in the Windows taskbar, and the `tincan:` links it opens.

import { app } from 'electron/main';

/** As in build/electron-builder.config.ts: notifications and pinned icons belong to it. */
export const appId = 'app.tincan.desktop';

export type SystemNames = {
  readonly isPackaged: boolean;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export function claimSystemNames({ isPackaged, platform, env }: SystemNames): void {
  if (platform === 'win32') app.setAppUserModelId(appId);
  // The portable build runs from a temporary folder that is gone afterwards; a link registered from it would lead nowhere.
  const isPortable = env.PORTABLE_EXECUTABLE_FILE !== undefined;
  if (isPackaged && !isPortable) app.setAsDefaultProtocolClient('tincan');
}
