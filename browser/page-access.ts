// Who may open a socket: whoever holds a token. Promises: a start code is exchanged once, for a token that was never
// written anywhere; a token for the terminal exists only if somebody asked for it; all comparisons take constant time.

import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface PageAccess {
  /** For an address that is printed: valid for the whole run, in as many tabs as the person opens. */
  printedToken(): string;
  /** For a page on disk that leads the browser here. `onUsed` is called when it was exchanged. */
  makeStartCode(onUsed: () => void): string;
  isStartCode(given: string): boolean;
  /** A fresh token, or nothing where the code is unknown or was used. */
  exchange(code: string): string | undefined;
  isToken(given: string): boolean;
}

export function openPageAccess(): PageAccess {
  const tokens: string[] = [];
  let printed: string | undefined;
  let start: { readonly code: string; readonly onUsed: () => void } | undefined;

  function makeToken(): string {
    const token = randomHex();
    tokens.push(token);
    return token;
  }

  const isStartCode = (given: string) => start !== undefined && isEqual(given, start.code);

  return {
    printedToken() {
      printed ??= makeToken();
      return printed;
    },
    makeStartCode(onUsed) {
      start = { code: randomHex(), onUsed };
      return start.code;
    },
    isStartCode,
    exchange(code) {
      if (start === undefined || !isStartCode(code)) return undefined;
      const { onUsed } = start;
      start = undefined;
      onUsed();
      return makeToken();
    },
    isToken: (given) => tokens.filter((token) => isEqual(given, token)).length > 0,
  };
}

function randomHex(): string {
  return randomBytes(32).toString('hex');
}

function isEqual(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
