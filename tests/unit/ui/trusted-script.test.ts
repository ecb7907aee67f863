// The only exception to "no text becomes code": addresses of Workers that came with the page.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

describe.each(['app://bundle/index.html', 'http://127.0.0.1:4000/'])('on a page at %s', (page) => {
  let trustedScript: (address: string) => URL | string;

  beforeEach(async () => {
    vi.resetModules();
    vi.stubGlobal('location', new URL(page));
    ({ trustedScript } = await import('../../../renderer/trusted-script.ts'));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('lets a Worker of the page through, whole', () => {
    expect(String(trustedScript('assets/engine.js'))).toBe(new URL('assets/engine.js', page).href);
  });

  it.each([
    'https://example.org/x.js',
    '//example.org/x.js',
    'http://127.0.0.1:4001/x.js',
    'app://other/x.js',
    'data:text/javascript,1',
    'blob:https://example.org/1',
    'javascript:1',
    'file:///x.js',
  ])('refuses %s', (address) => {
    expect(() => trustedScript(address)).toThrow(TypeError);
  });
});

it('asks the policy that the page is allowed, once', async () => {
  vi.resetModules();
  const made: string[] = [];
  const createPolicy = (name: string, rules: { createScriptURL(address: string): string }) => {
    made.push(name);
    return { createScriptURL: (address: string) => ({ trusted: rules.createScriptURL(address) }) };
  };
  vi.stubGlobal('location', new URL('app://bundle/index.html'));
  vi.stubGlobal('trustedTypes', { createPolicy });
  const { trustedScript } = await import('../../../renderer/trusted-script.ts');
  expect([trustedScript('a.js'), trustedScript('b.js')]).toEqual([
    { trusted: 'app://bundle/a.js' },
    { trusted: 'app://bundle/b.js' },
  ]);
  expect(made).toEqual(['tincan']);
  vi.unstubAllGlobals();
});
