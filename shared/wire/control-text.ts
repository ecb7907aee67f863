// JSON from strangers: nesting is counted before JSON.parse sees it, so depth can never reach the stack; keys that
// JavaScript treats specially are refused.

export function parseJson(text: string, maxDepth: number): { readonly value: unknown } | { readonly refused: string } {
  if (depthOf(text) > maxDepth) return { refused: 'nested too deep' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refused: 'not JSON' };
  }
  const refused = refusalOf(value);
  return refused === undefined ? { value } : { refused };
}

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A reviver would be asked the same, and makes a message of many small values cost fifteen times as much. */
function refusalOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : 'not a number';
  if (typeof value !== 'object' || value === null) return undefined;
  const isList = Array.isArray(value);
  if (!isList && Object.keys(value).some((key) => forbiddenKeys.has(key))) return 'forbidden key';
  const items: readonly unknown[] = isList ? value : Object.values(value);
  for (const item of items) {
    const refused = refusalOf(item);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at += 1;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x7d || unit === 0x5d) depth -= 1;
  }
  return deepest;
}
