// JSON from strangers: nesting is counted before JSON.parse sees it, so depth can never reach the stack; keys that
// JavaScript treats specially are refused.

export function parseJson(text: string, maxDepth: number): { readonly value: unknown } | { readonly refused: string } {
  if (depthOf(text) > maxDepth) return { refused: 'nested too deep' };
  let refused: string | undefined;
  try {
    const value: unknown = JSON.parse(text, (key, item: unknown) => {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype') refused = 'forbidden key';
      if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))) refused = 'not a number';
      return item;
    });
    return refused === undefined ? { value } : { refused };
  } catch {
    return { refused: 'not JSON' };
  }
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
