// What the desktop app's main process tells the page of the process that holds its files.

export const hostNewsKinds = ['died', 'opened', 'given-up'] as const;
export type HostNews = (typeof hostNewsKinds)[number];
