// Serves the built page. Promises: only files that were there at the start, by exact name; no path is ever joined from a
// request. Every answer carries the content security policy.

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { inlineScripts, mediaTypes, pageHeaders } from '../host/page-headers.ts';

const hashedAsset = /^\/assets\/[\w.-]+-[\w-]{8}\.(js|css|woff2|wasm|svg)$/;

export type PageFiles = {
  /** URL path to file on disk, for every file of a known type. */
  readonly at: ReadonlyMap<string, string>;
  /** As the policy names them. */
  readonly inlineScripts: string;
};

export function listPageFiles(folder: string): PageFiles {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && mediaTypes[path.extname(entry.name)] !== undefined)
    .map((entry) => path.join(entry.parentPath, entry.name));
  const files = new Map(found.map((file) => [`/${path.relative(folder, file).split(path.sep).join('/')}`, file]));
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return { at: files, inlineScripts: index === undefined ? '' : inlineScripts(readFileSync(index, 'utf8')) };
}

export async function answerPageRequest(
  files: PageFiles,
  authority: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  setSafeHeaders(authority, response, files.inlineScripts);
  // Any other name for this address is a page somewhere that made its own name point here.
  if (request.headers.host !== authority) return finish(response, 403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return finish(response, 405);
  const file = files.at.get(request.url ?? '');
  if (file === undefined) return finish(response, 404);
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined) return finish(response, 404);
  // Named by what is in it: the browser may keep it, with the code that it made of it. Nothing in it belongs to anybody.
  if (hashedAsset.test(request.url ?? '')) response.setHeader('Cache-Control', 'max-age=31536000, immutable');
  response.setHeader('Content-Type', mediaTypes[path.extname(file)]!);
  response.setHeader('Content-Length', content.byteLength);
  response.end(request.method === 'HEAD' ? undefined : content);
}

export function setSafeHeaders(authority: string, response: ServerResponse, scripts = ''): void {
  for (const [name, value] of Object.entries(safeHeaders(authority, scripts))) response.setHeader(name, value);
}

function safeHeaders(authority: string, scripts: string): Readonly<Record<string, string>> {
  return {
    ...pageHeaders({
      scripts,
      connect: ` ws://${authority}`,
      // What is not named here is off: above all, opening windows.
      sandbox: 'allow-scripts allow-same-origin allow-forms allow-downloads',
      // On a click only, and the browser asks the person.
      readsClipboard: true,
    }),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  };
}

function finish(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
