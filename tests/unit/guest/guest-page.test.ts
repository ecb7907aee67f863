// The invite that travels inside a guest page.

import { expect, it } from 'vitest';
import { code } from '../../../renderer/gallery/scenes.ts';
import { asServed, connectNowhere, inviteTag, withInvite } from '../../../shared/model/guest-page.ts';

const page = new TextEncoder().encode(`<head>${inviteTag('')}</head>größe`);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

it('is put in once, and nothing else changes', () => {
  expect(text(withInvite(page, code))).toBe(`<head>${inviteTag(code)}</head>größe`);
});

it.each(['', 'TINCAN:', 'hello', `${code}"><script>`, `TINCAN:${'A"'.repeat(9)}`, ` ${code}`, `${code}\n`])(
  'is a code and no other text (%j)',
  (wanted) => {
    expect(() => withInvite(page, wanted)).toThrow(expect.objectContaining({ code: 'code-malformed' }));
  },
);

it('finds no place in something else', () => {
  expect(() => withInvite(new TextEncoder().encode('<html>'), code)).toThrow();
});

it('may reach its server where it was served, and nobody else', () => {
  const built = new TextEncoder().encode(
    `<meta content="img-src blob:; ${connectNowhere} base-uri 'none'">${connectNowhere}`,
  );
  expect(text(asServed(built))).toBe(
    `<meta content="img-src blob:; connect-src 'self' data:; base-uri 'none'">${connectNowhere}`,
  );
  expect(() => asServed(new TextEncoder().encode('<html>'))).toThrow();
});
