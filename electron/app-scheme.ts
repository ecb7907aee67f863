// Serves the built page over the scheme of its own. Promises: only files that were there at the start, by exact name;
// no path is ever joined from a request. Every answer carries the content security policy.

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron/main';
import { pageHost, pageScheme } from './origin.ts';

export const contentSecurityPolicy = [
  "default-src 'none'",
  // The reader of QR codes is WebAssembly in a Worker; nothing else needs more than 'self'.
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  // A video that the person sends, for a small picture of it.
  'media-src blob:',
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  // Text never becomes markup or code; a Worker's address is the one exception (renderer/trusted-script.ts).
  "require-trusted-types-for 'script'",
  'trusted-types tincan',
].join('; ');

const permissionsPolicy =
  'camera=(self), microphone=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=(), midi=(), clipboard-read=()';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  // The guest page, to be saved and never opened from here.
  '.bin': 'application/octet-stream',
};

/** Must run before the app is ready. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

export function serveAppScheme(session: Session, folder: string): void {
  const files = listPageFiles(folder);
  session.protocol.handle(pageScheme, (request) => answerPageRequest(files, request));
}

/** URL path to file on disk, for every file of a known type. */
export function listPageFiles(folder: string): ReadonlyMap<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && mediaTypes[path.extname(entry.name)] !== undefined)
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(found.map((file) => [`/${path.relative(folder, file).split(path.sep).join('/')}`, file]));
}

export async function answerPageRequest(
  files: ReadonlyMap<string, string>,
  request: Pick<Request, 'url' | 'method'>,
): Promise<Response> {
  if (request.method !== 'GET') return refuse(405);
  const url = URL.parse(request.url);
  if (url === null || url.protocol !== `${pageScheme}:` || url.host !== pageHost) return refuse(404);
  const file = files.get(url.pathname);
  if (file === undefined) return refuse(404);
  const headers = { ...safeHeaders, 'Content-Type': mediaTypes[path.extname(file)]! };
  return new Response(new Uint8Array(await readFile(file)), { status: 200, headers });
}

const safeHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Permissions-Policy': permissionsPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
};

function refuse(status: number): Response {
  return new Response(null, { status, headers: safeHeaders });
}
