// STUN and TURN servers as people write them: what an address must look like, and the list as a file. An exported file is
// the `iceServers` object that browsers and relay providers know; what is exported is what is imported. Whatever is wrong
// is said of one entry, and then nothing of the file is taken.

import { addressBytes } from '../code/address.ts';
import { serverListFileMaxBytes, serverSecretMaxChars, serversMax, serverUrlMaxChars } from '../wire/limits.ts';
import { onFirstUse } from './on-first-use.ts';
import { z } from './schema.ts';

export type ServerProblem =
  | 'not-an-address'
  | 'no-host'
  | 'bad-port'
  | 'bad-transport'
  | 'no-login'
  | 'too-long'
  | 'duplicate'
  | 'too-many';

export type ServerUrl = {
  readonly scheme: 'stun' | 'turn' | 'turns';
  /** In lower case; an IPv6 address keeps its brackets. */
  readonly host: string;
  readonly port: number;
  /** What carries the packets of a relay; STUN knows only the first. */
  readonly over: 'udp' | 'tcp' | 'tls';
};

export type ServerEntry = {
  readonly url: string;
  readonly username?: string | undefined;
  readonly credential?: string | undefined;
};

const hostName = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_](?:[a-z0-9_-]{0,62}))*$/;

export function readServerUrl(url: string): ServerUrl | ServerProblem {
  const [, scheme, rest] = /^(stun|turns?):(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || rest === undefined) return 'not-an-address';
  const kind = scheme.toLowerCase() as ServerUrl['scheme'];
  const [, place = '', query] = /^([^?]*)(?:\?(.*))?$/s.exec(rest)!;
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(place.toLowerCase()) ?? [];
  if (!hostName.test(host) && !isBracketed(host)) return 'no-host';
  const number = port === undefined ? (kind === 'turns' ? 5349 : 3478) : /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65_535) return 'bad-port';
  const transport = query === undefined ? undefined : /^transport=(udp|tcp)$/.exec(query)?.[1];
  if (query !== undefined && (transport === undefined || kind === 'stun')) return 'bad-transport';
  const over = kind === 'turns' ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp';
  return { scheme: kind, host, port: number, over };
}

function isBracketed(host: string): boolean {
  return /^\[.*\]$/.test(host) && addressBytes(6, host.slice(1, -1)) !== undefined;
}

/** What is wrong with one server by itself. */
export function serverProblem({ url, username = '', credential = '' }: ServerEntry): ServerProblem | undefined {
  if (url.length > serverUrlMaxChars) return 'too-long';
  if (username.length > serverSecretMaxChars || credential.length > serverSecretMaxChars) return 'too-long';
  const read = readServerUrl(url);
  if (typeof read === 'string') return read;
  return read.scheme !== 'stun' && (username === '' || credential === '') ? 'no-login' : undefined;
}

/** What keeps it from being added to a list. */
export function whyNotAdd(entry: ServerEntry, list: readonly ServerEntry[]): ServerProblem | undefined {
  const problem = serverProblem(entry);
  if (problem !== undefined) return problem;
  if (list.some((held) => isSameServer(held, entry))) return 'duplicate';
  return list.length >= serversMax ? 'too-many' : undefined;
}

export function isSameServer(one: ServerEntry, other: ServerEntry): boolean {
  return JSON.stringify(readServerUrl(one.url)) === JSON.stringify(readServerUrl(other.url));
}

/** Those of the list that the person lets be asked. A relay is in it only because somebody typed it in. */
export function askedServers({
  internet,
  askStun,
  servers,
}: {
  readonly internet: boolean;
  readonly askStun: boolean;
  readonly servers: readonly ServerEntry[];
}): readonly ServerEntry[] {
  return internet ? servers.filter(({ url }) => askStun || !isStun(url)) : [];
}

export function isStun(url: string): boolean {
  return /^stun:/i.test(url);
}

export type ServerListProblem =
  | { readonly is: 'too-large' | 'not-json' | 'not-a-list' | 'empty' }
  | { readonly is: ServerProblem; readonly entry: number; readonly url: string };

export type ServerListReading =
  | { readonly ok: true; readonly servers: readonly ServerEntry[] }
  | { readonly ok: false; readonly problem: ServerListProblem };

/** Checked for shape only; what an entry says is judged one by one, so that the sentence can name it. */
const fileSchema = onFirstUse(() => {
  const urlText = z.string().trim();
  const entry = z.strictObject({
    urls: z.union([urlText, z.array(urlText).min(1).max(serversMax)]),
    username: z.string().optional(),
    credential: z.string().optional(),
  });
  return z.strictObject({ iceServers: z.array(entry).max(serversMax * 2) });
});

export function readServerList(text: string): ServerListReading {
  if (text.length > serverListFileMaxBytes) return refused({ is: 'too-large' });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refused({ is: 'not-json' });
  }
  const parsed = fileSchema().safeParse(raw);
  if (!parsed.success) return refused({ is: 'not-a-list' });
  const servers: ServerEntry[] = [];
  for (const { urls, ...login } of parsed.data.iceServers) {
    for (const url of [urls].flat()) {
      const entry = { url, ...login };
      const is = whyNotAdd(entry, servers);
      if (is !== undefined) return refused({ is, entry: servers.length + 1, url: url.slice(0, serverUrlMaxChars) });
      servers.push(entry);
    }
  }
  return servers.length === 0 ? refused({ is: 'empty' }) : { ok: true, servers };
}

export function serverListText(servers: readonly ServerEntry[]): string {
  const iceServers = servers.map(({ url, ...login }) => ({ urls: url, ...login }));
  return `${JSON.stringify({ iceServers }, null, 2)}\n`;
}

function refused(problem: ServerListProblem): ServerListReading {
  return { ok: false, problem };
}
