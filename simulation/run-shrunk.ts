// One failing seed with as few steps as fail alike, and the command that runs just those.

import type { CampaignOptions } from './campaign.ts';
import type { RunOptions, RunResult } from './run-seed.ts';
import { shrink } from './shrink.ts';

/** Answers the exit code: 0 where nothing fails. */
export async function runShrunk(
  { run, what }: Pick<CampaignOptions, 'run' | 'what'>,
  options: RunOptions,
): Promise<number> {
  const whole = await run(options);
  const kind = kindOf(whole);
  if (kind === undefined) {
    console.log(`seed ${options.seed} passes`);
    return 0;
  }
  const left = await shrink(whole.done, async (only) => kindOf(await run({ ...options, only })) === kind);
  const shrunk = await run({ ...options, only: left, isLogged: true });
  console.log(shrunk.log.join('\n'));
  console.log(
    `seed ${options.seed} fails with ${left.length} of ${whole.done.length} steps: ${shrunk.wrong.join(' | ')}`,
  );
  const { seed, steps } = options;
  console.log(
    `  npm run simulate -- --what ${what} --seed ${seed} --seeds 1 --steps ${steps} --only ${left.join(',') || ','} --log`,
  );
  return 1;
}

/** The promise that was broken, without the names of this run. */
function kindOf({ wrong }: RunResult): string | undefined {
  return wrong[0]?.replaceAll(/[0-9a-f]{6,}|\d+/g, '#');
}
