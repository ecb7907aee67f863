// What `npm run lint` runs, in order: format and rules, the types of every room, promises that nobody waits for, Electron's
// deprecated APIs, dead code, copies.

const rooms = [
  'shared',
  'engine',
  'link',
  'host',
  'browser',
  'electron',
  'renderer',
  'guest',
  'build',
  'simulation',
  'tests',
  'bench',
];

const onlyRules = (...rules) => ['--type-aware', '-A', 'all', ...rules.flatMap((rule) => ['-D', `typescript/${rule}`])];

/** Electron removes what it deprecates within a few majors. */
export const noDeprecated = onlyRules('no-deprecated');

export const lintSteps = [
  ['biome', ['ci', '--error-on-warnings', '.']],
  ...rooms.map((room) => ['tsc', ['-p', room]]),
  ['oxlint', [...onlyRules('no-floating-promises', 'no-misused-promises'), ...rooms]],
  ['oxlint', [...noDeprecated, 'electron']],
  ['knip', []],
  ['node', ['build/copies.mjs']],
];
