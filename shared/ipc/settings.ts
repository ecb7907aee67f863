// What a person sets, as the host keeps it and the page shows it.

import { languages } from '../model/language.ts';
import { z } from '../model/schema.ts';
import { serverProblem } from '../model/server-entry.ts';
import { deviceNameMaxChars, serverSecretMaxChars, serversMax, serverUrlMaxChars } from '../wire/limits.ts';

const secret = z.string().max(serverSecretMaxChars);

export const serverSchema = z
  .strictObject({
    url: z.string().max(serverUrlMaxChars),
    username: secret.optional(),
    credential: secret.optional(),
  })
  .superRefine((entry, { addIssue }) => {
    const problem = serverProblem(entry);
    if (problem !== undefined) addIssue({ code: 'custom', message: `${problem}: ${entry.url}` });
  });

export const settingsSchema = z.strictObject({
  deviceName: z.string().trim().min(1).max(deviceNameMaxChars),
  /** Changes only through a dialog of the shell. */
  downloadDir: z.string().min(1).max(4096),
  /** Accept without asking from a peer whose digits were compared in this session. */
  acceptVerified: z.boolean(),
  internet: z.boolean(),
  /** Across the internet the person's own router is asked to open ports. */
  askRouter: z.boolean(),
  /** STUN servers of the list are asked; relays are in the list because the person wants them used. */
  askStun: z.boolean(),
  /** Replies travel over the network that both people share, where there is one. */
  nearReplies: z.boolean(),
  /** Computers that are remembered may find this one on the network. */
  nearKnown: z.boolean(),
  /** On one network files go from host to host, without passing through the page. */
  directLane: z.boolean(),
  servers: z.array(serverSchema).max(serversMax),
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', ...languages]),
  keepExecutable: z.boolean(),
  notifications: z.boolean(),
  /** A soft tone when an offer comes, and when a note comes that nobody looks at. */
  sound: z.boolean(),
  history: z.boolean(),
  /** Notes as well, where a history is kept. */
  keepNotes: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;
