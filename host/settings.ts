// The person's settings: one JSON file, checked on the way in and on the way out. A damaged file is renamed and kept.

import { hostname } from 'node:os';
import path from 'node:path';
import { type Settings, serverSchema, settingsSchema } from '../shared/ipc/settings.ts';
import { Fault } from '../shared/model/fault.ts';
import { deviceNameMaxChars } from '../shared/wire/limits.ts';
import type { Disk } from './disk/disk.ts';
import { JsonFile } from './disk/json-file.ts';

/** A key that is there but undefined is a key that is not there. */
export type SettingsPatch = { readonly [K in keyof Settings]?: Settings[K] | undefined };

export interface SettingsStore {
  get(): Settings;
  /** Keeps what is valid; refuses the whole patch otherwise. */
  write(patch: SettingsPatch): Promise<Settings>;
  /** Resolves once nothing is being written any more, well or not. */
  idle(): Promise<void>;
}

/** A key that this version does not know is a newer one's: it is passed over, and stays in the file. */
const fileSchema = settingsSchema.loose();

/** Google's and Cloudflare's public STUN; used only once the person turned the switch on. */
const defaultServers = [{ url: 'stun:stun.l.google.com:19302' }, { url: 'stun:stun.cloudflare.com:3478' }];

/** The person may have turned any of these off, and would not hear that it is on. */
const allOff = { askRouter: false, nearReplies: false, nearKnown: false, directLane: false, history: false };

export async function openSettings(disk: Disk, dataDir: string, downloadDir: string): Promise<SettingsStore> {
  const defaults: Settings = {
    deviceName:
      hostname()
        .replace(/\.local$/, '')
        .slice(0, deviceNameMaxChars) || 'This computer',
    downloadDir,
    acceptVerified: false,
    internet: false,
    askRouter: true,
    askStun: false,
    nearReplies: true,
    nearKnown: true,
    directLane: true,
    servers: defaultServers,
    theme: 'system',
    language: 'system',
    keepExecutable: false,
    notifications: true,
    sound: true,
    history: true,
    keepNotes: false,
  };
  const file = await JsonFile.open<Settings>({
    disk,
    file: path.join(dataDir, 'settings.json'),
    empty: defaults,
    unreadable: { ...defaults, ...allOff },
    // What the page shows is what counts: it hears of nothing that could not be stored.
    isWrittenFirst: true,
    parse(raw) {
      const parsed = fileSchema.partial().safeParse(withStunStep(withReadableServers(raw)));
      return parsed.success ? { ...defaults, ...withoutUndefined(parsed.data) } : undefined;
    },
    format: (settings) => `${JSON.stringify(settings, null, 2)}\n`,
  });

  return {
    get: () => file.content,
    write: (patch) =>
      file.change((settings) => {
        const next = fileSchema.safeParse({ ...settings, ...withoutUndefined(patch) });
        if (!next.success) throw new Fault('settings-invalid', next.error.issues[0]?.message ?? 'invalid');
        return next.data;
      }),
    idle: () => file.idle(),
  };
}

/** Addresses were once taken as typed: one that is none must not cost the person every other setting. */
function withReadableServers(kept: unknown): unknown {
  if (typeof kept !== 'object' || kept === null || !('servers' in kept) || !Array.isArray(kept.servers)) return kept;
  return { ...kept, servers: kept.servers.filter((entry) => serverSchema.safeParse(entry).success) };
}

/** Before it was a choice of its own, "Anywhere" asked every server of the list: it stays so for whoever has a list. */
function withStunStep(kept: unknown): unknown {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept) || 'askStun' in kept) return kept;
  return { ...kept, askStun: 'servers' in kept || ('internet' in kept && kept.internet === true) };
}

function withoutUndefined(patch: SettingsPatch): Partial<Settings> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<Settings>;
}
