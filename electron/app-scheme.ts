// Serves the built page over the scheme of its own. Promises: only files that were there at the start, by exact name;
// no path is ever joined from a request. Every answer carries the content security policy.

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron/main';
import { inlineScripts, mediaTypes, pageHeaders } from '../host/page-headers.ts';
import { pageHost, pageScheme } from './origin.ts';

/** Must run before the app is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

export function serveAppScheme(session: Session, folder: string): void {
  const files = listPageFiles(folder);
  const scripts = inlineScripts(readFileSync(path.join(folder, 'index.html'), 'utf8'));
  const headers = { ...pageHeaders({ scripts, readsClipboard: false }), 'Cache-Control': 'no-cache' };
  session.protocol.handle(pageScheme, (request) => answerPageRequest(files, headers, request));
}

/** URL path to file on disk, for every file of a known type. */
function listPageFiles(folder: string): ReadonlyMap<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && mediaTypes[path.extname(entry.name)] !== undefined)
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(found.map((file) => [`/${path.relative(folder, file).split(path.sep).join('/')}`, file]));
}

type Headers = Readonly<Record<string, string>>;

async function answerPageRequest(
  files: ReadonlyMap<string, string>,
  headers: Headers,
  request: Pick<Request, 'url' | 'method'>,
): Promise<Response> {
  const refuse = (status: number) => new Response(null, { status, headers });
  if (request.method !== 'GET') return refuse(405);
  const url = URL.parse(request.url);
  if (url === null || url.protocol !== `${pageScheme}:` || url.host !== pageHost) return refuse(404);
  const file = files.get(url.pathname);
  if (file === undefined) return refuse(404);
  const found = { ...headers, 'Content-Type': mediaTypes[path.extname(file)]! };
  return new Response(new Uint8Array(await readFile(file)), { status: 200, headers: found });
}
