// The built guest page: the same bytes from the same sources, one script and one style that its policy names, nothing from outside.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inviteTag } from '../../../shared/model/guest-page.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}dist/guest/tincan-guest.html`, 'utf8');
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

it('is the same when it is built again, whatever the environment says', { timeout: 120_000 }, () => {
  const program =
    "const { makeGuestPage } = await import('./build/guest-page.ts'); process.stdout.write(await makeGuestPage());";
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'development' },
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(status, stderr).toBe(0);
  expect(sha256(stdout)).toBe(sha256(page));
});

it('is one file: its policy names its script and its style, and it links to nothing', () => {
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(page)![1]!;
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1]!;
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
  expect(policy).toContain(`script-src 'sha256-${sha256(script)}' 'wasm-unsafe-eval';`);
  expect(policy).toContain(`style-src 'sha256-${sha256(style)}';`);
  expect(policy).toContain("default-src 'none';");
  expect(policy).toContain("require-trusted-types-for 'script'; trusted-types tincan");
  expect(policy).not.toMatch(/https?:|'unsafe-(inline|eval)'|\*/);
  // What is left of the page without them.
  const frame = page.replace(script, '').replace(style, '').replace(policy, '');
  expect([...frame.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to)).toEqual(['data:,']);
  expect(frame.match(/<script/g)).toHaveLength(1);
  expect(page.split(inviteTag(''))).toHaveLength(2);
});

it('carries the licences of the packages that are inside, out of the way of what it does', () => {
  const notices = page.slice(page.indexOf('</html>'));
  expect(notices).toMatch(/^<\/html>\n<!--\n[\s\S]*\n-->\n$/);
  expect(notices.slice(notices.indexOf('<!--') + 4, notices.lastIndexOf('-->'))).not.toContain('--');
  expect(notices).toMatch(/^react-dom \d+\.\d+\.\d+ \(MIT\)$/m);
  expect(notices).toContain('Permission is hereby granted, free of charge');
  // Bundled into the Workers, which are texts inside the script.
  expect(notices).toMatch(/^zod \d/m);
  // Of the shells only.
  expect(notices).not.toMatch(/^ws \d/m);
});
