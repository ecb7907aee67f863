// What a person sets, as the host keeps it and the page shows it.

import { z } from '../model/schema.ts';
import { deviceNameMaxChars } from '../wire/limits.ts';

const server = z.strictObject({
  url: z.string().min(1).max(512),
  username: z.string().max(256).optional(),
  credential: z.string().max(256).optional(),
});
export type ServerEntry = z.infer<typeof server>;

export const settingsSchema = z.strictObject({
  deviceName: z.string().trim().min(1).max(deviceNameMaxChars),
  /** Shown and, in the browser shell, typed by the person. In Electron it only changes through a dialog. */
  downloadDir: z.string().min(1).max(4096),
  /** Accept without asking from a peer whose digits were compared in this session. */
  acceptVerified: z.boolean(),
  internet: z.boolean(),
  /** Replies travel over the network that both people share, where there is one. */
  nearReplies: z.boolean(),
  /** Computers that are remembered may find this one on the network. */
  nearKnown: z.boolean(),
  servers: z.array(server).max(16),
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh-CN']),
  keepExecutable: z.boolean(),
  notifications: z.boolean(),
  history: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;
