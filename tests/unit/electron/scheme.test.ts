// The scheme that the page is served over: what was built, by exact name, under the policy.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as fake from './electron-fake.ts';
import { type FakeShell, page, startFakeShell } from './fake-shell.ts';

vi.mock('electron/main', () => import('./electron-fake.ts'));
vi.mock('electron/common', () => import('./electron-fake.ts'));

let shell: FakeShell;
beforeAll(async () => {
  shell = await startFakeShell();
});
afterAll(() => shell.remove());

describe('the scheme', () => {
  const get = (url: string, method = 'GET') => fake.protocolHandlers.get('app')!({ url, method });

  it('serves what was built, with the policy on it', async () => {
    const answer = await get(page);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    const policy = answer.headers.get('Content-Security-Policy')!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    expect(policy).toMatch(/; require-trusted-types-for 'script'; trusted-types tincan$/);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(answer.headers.get('Permissions-Policy')).toContain('microphone=()');
  });

  it.each([
    'app://bundle/../secret.txt',
    'app://bundle/..%2fsecret.txt',
    'app://bundle/%2e%2e/secret.txt',
    'app://bundle/assets/..%5c..%5csecret.txt',
    'app://bundle//index.html',
    'app://bundle/index.html%00',
    'app://bundle/assets/',
    'app://bundle/assets/page.js.map',
    'app://bundle/__proto__',
    'app://other/index.html',
    'app:index.html',
    'file:///etc/passwd',
    '',
  ])('refuses %s', async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('refuses %s', async (method) => {
    expect((await get(page, method)).status).toBe(405);
  });
});
