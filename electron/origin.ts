// Where the page lives: one origin, compared exactly. Nothing else is ever shown, asked or answered.

export const pageScheme = 'app';
export const pageHost = 'bundle';
export const pageUrl = `${pageScheme}://${pageHost}/index.html`;

/** The origin of the page: our own scheme, or the development server when one was named. */
export function isPageUrl(url: string, home: string): boolean {
  return originOf(url) === originOf(home);
}

/** `URL.origin` is the word "null" for schemes of one's own, so the parts are put together here. */
function originOf(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || parsed.username !== '' || parsed.password !== '') return undefined;
  return `${parsed.protocol}//${parsed.host}`;
}
