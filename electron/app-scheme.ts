// Serves the built page over the scheme of its own. Promises: only files that were there at the start, by exact name;
// no path is ever joined from a request. Every answer carries the content security policy.

import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol, type Session } from 'electron/main';
import { inlineScripts } from '../host/inline-scripts.ts';
import { pageHost, pageScheme } from './origin.ts';

const contentSecurityPolicy = (scripts: string) =>
  [
    "default-src 'none'",
    // The reader of QR codes is WebAssembly in a Worker; nothing else needs more than 'self'.
    `script-src 'self' 'wasm-unsafe-eval'${scripts}`,
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
  const headers = safeHeaders(inlineScripts(readFileSync(path.join(folder, 'index.html'), 'utf8')));
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

/** `scripts`: those that stand in the page, as the policy names them. */
function safeHeaders(scripts: string): Headers {
  return {
    'Content-Security-Policy': contentSecurityPolicy(scripts),
    'Permissions-Policy': permissionsPolicy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  };
}
