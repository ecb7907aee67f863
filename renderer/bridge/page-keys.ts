// What this tab remembers of the host it belongs to: a token, and a name that survives a reload. The address brings the token
// itself, or a start code that is exchanged for one, once. Either leaves the address bar as soon as it was read. Promises: no two
// pages have one name.

import { readStartFragment, readTokenFragment, startCodeHeader, startPath } from '../../shared/ipc/bridge-protocol.ts';

const tokenKey = 'tincan.token';
const pageKey = 'tincan.page';
const takeKey = 'tincan.take';

/** A tab that is loaded anew gets the name of its page before it: that one is just ending. */
const nameWaitMs = 500;

export type PageKeys = { readonly token: string; readonly page: string; readonly take: boolean };

export async function readPageKeys(): Promise<PageKeys | undefined> {
  const printed = readTokenFragment(location.hash);
  const startCode = readStartFragment(location.hash);
  if (printed !== undefined || startCode !== undefined) history.replaceState(null, '', location.pathname);
  const given = printed ?? (startCode === undefined ? undefined : await exchange(startCode));
  if (given !== undefined) sessionStorage.setItem(tokenKey, given);
  const token = sessionStorage.getItem(tokenKey);
  if (token === null) return undefined;
  const page = await ownName();
  const take = sessionStorage.getItem(takeKey) !== null;
  sessionStorage.removeItem(takeKey);
  return { token, page, take };
}

/** A tab that is duplicated begins with a copy of all that the first one keeps: the name is of the page that holds its lock. */
async function ownName(): Promise<string> {
  const kept = sessionStorage.getItem(pageKey);
  if (kept !== null && (await holdName(kept))) return kept;
  const fresh = crypto.randomUUID().replaceAll('-', '');
  await holdName(fresh);
  sessionStorage.setItem(pageKey, fresh);
  return fresh;
}

/** For as long as this page is there. */
function holdName(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const holding = () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    const signal = AbortSignal.timeout(nameWaitMs);
    navigator.locks.request(`tincan.page.${name}`, { signal }, holding).catch(() => resolve(false));
  });
}

/** Nothing where the code was used before, or there is no host any more. */
async function exchange(startCode: string): Promise<string | undefined> {
  try {
    const answer = await fetch(startPath, { method: 'POST', headers: { [startCodeHeader]: startCode } });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

/** The person wants the host here: the next load takes it over from whichever page holds it. */
export function takeOverOnReload(): void {
  sessionStorage.setItem(takeKey, '1');
}
