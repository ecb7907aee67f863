// How the built page is served, in both shells: the types of its files, and the headers that say what it may do.

import { createHash } from 'node:crypto';

/** A file of another kind is not served. */
export const mediaTypes: Readonly<Record<string, string>> = {
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

export type PageHeaderOptions = {
  /** As `inlineScripts` names them. */
  readonly scripts: string;
  /** Where it may connect to beside its own address, with a blank before. */
  readonly connect?: string;
  /** What it is kept from beside all that. */
  readonly sandbox?: string;
  /** May it ask to read the clipboard? */
  readonly readsClipboard: boolean;
};

export function pageHeaders(options: PageHeaderOptions) {
  return {
    'Content-Security-Policy': contentSecurityPolicy(options).join('; '),
    'Permissions-Policy': `camera=(self), microphone=(), display-capture=(), geolocation=(), usb=(), serial=(), hid=(), midi=(), clipboard-read=(${options.readsClipboard ? 'self' : ''})`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  };
}

function contentSecurityPolicy({ scripts, connect = '', sandbox }: PageHeaderOptions): readonly string[] {
  return [
    "default-src 'none'",
    // The reader of QR codes is WebAssembly in a Worker; nothing else needs more than 'self'.
    `script-src 'self' 'wasm-unsafe-eval'${scripts}`,
    "style-src 'self'",
    "img-src 'self' data: blob:",
    // A video that the person sends, for a small picture of it.
    'media-src blob:',
    "font-src 'self'",
    `connect-src 'self'${connect}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...(sandbox === undefined ? [] : [`sandbox ${sandbox}`]),
    // Text never becomes markup or code; a Worker's address is the one exception (renderer/trusted-script.ts).
    "require-trusted-types-for 'script'",
    'trusted-types tincan',
  ];
}

/** The scripts that stand in the page as it was built, by what they are, so that no other one runs there. */
export function inlineScripts(page: string): string {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  return scripts.map((script) => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`).join('');
}
