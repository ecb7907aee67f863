// The scripts that stand in the built page, as its policy names them: by what they are, so that no other one runs there.

import { createHash } from 'node:crypto';

/** Of the page as it was built, and of no other. */
export function inlineScripts(page: string): string {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
  return scripts.map((script) => ` 'sha256-${createHash('sha256').update(script).digest('base64')}'`).join('');
}
