// What this tab remembers of the host it belongs to: the token from the address, and a name that survives a reload.
// The token leaves the address bar as soon as it was read.

const tokenKey = 'tincan.token';
const pageKey = 'tincan.page';
const takeKey = 'tincan.take';

export type PageKeys = { readonly token: string; readonly page: string; readonly take: boolean };

export function readPageKeys(): PageKeys | undefined {
  const given = /^#([0-9a-f]{64})$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    sessionStorage.setItem(tokenKey, given);
    history.replaceState(null, '', location.pathname);
  }
  const token = sessionStorage.getItem(tokenKey);
  if (token === null) return undefined;
  const page = sessionStorage.getItem(pageKey) ?? crypto.randomUUID().replaceAll('-', '');
  sessionStorage.setItem(pageKey, page);
  const take = sessionStorage.getItem(takeKey) !== null;
  sessionStorage.removeItem(takeKey);
  return { token, page, take };
}

/** The person wants the host here: the next load takes it over from whichever page holds it. */
export function takeOverOnReload(): void {
  sessionStorage.setItem(takeKey, '1');
}
