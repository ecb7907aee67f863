// The page's process ends in the middle of a transfer, on the stand-in: main stays, brings the page back, and what was under way
// goes on after pairing again. What the log says of it is held too.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../../shared/strings/en.json' with { type: 'json' };
import { stopAll, temporaryFolder } from '../e2e/instance.ts';
import { logOf } from '../e2e/log-lines.ts';
import { doneBytes, link, pairAgain, sha256Of, treeOf, waitForState } from '../e2e/pairing.ts';
import { type StandIn, startStandIn } from '../electron-standin/launch.ts';

const bytes = 32 * 1_048_576;

describe('a page whose process ends in the middle of a transfer', () => {
  // Mostly they wait for the other side to notice; side by side they wait once.
  it.concurrent.for(['receiving', 'sending'] as const)(
    '%s: comes back, shows what is unfinished, and goes on',
    async (victim, { task, expect, onTestFinished }) => {
      const film = path.join(temporaryFolder('source'), 'film.bin');
      writeFileSync(film, randomBytes(bytes));
      // Over the direct lane, the file could be there before the page is gone, and no byte of it is in a page.
      const settings = { directLane: false };
      const [anna, ben] = await Promise.all([
        startStandIn({ name: 'anna', settings }),
        startStandIn({ name: 'ben', settings }),
      ]);
      onTestFinished(async () => void (await stopAll([anna, ben], { task })));
      const [crashing, surviving] = victim === 'sending' ? [anna, ben] : [ben, anna];
      await link(anna, ben);
      await anna.inMain(({ standIn }, files) => void standIn.dialogAnswers.push(files), [film]);
      await anna.at('pick-files').click();
      await ben.at('accept').click();
      await expect.poll(() => doneBytes(ben, 'receive'), { timeout: 60_000, interval: 20 }).toBeGreaterThan(bytes / 4);

      await crashing.crashPage();
      await crashing.session('pairing');
      await crashing.at('unfinished').getByText('film.bin').waitFor();
      expect(await treeOf(ben.downloadDir)).not.toContain('film.bin');

      await pairAgain(surviving, crashing);
      await Promise.all([waitForState(anna, 'send', 'done'), waitForState(ben, 'receive', 'done')]);
      expect(await sha256Of(path.join(ben.downloadDir, 'film.bin'))).toBe(await sha256Of(film));

      const log = logOf(crashing, ['film', path.dirname(film), ben.downloadDir]);
      const kinds = log.map(({ is }) => is);
      expect(log).toContainEqual({ is: 'page-crashed', why: 'crashed' });
      expect(kinds).toContain('engine-gone');
      // Main hears of the crash and of the lost ports in either order, and of what the engine had asked just before.
      const ofThePorts = ['engine-gone', 'bridge-fault'];
      const after = kinds.slice(kinds.indexOf('page-crashed') + 1).filter((kind) => !ofThePorts.includes(kind));
      expect(after.slice(0, 2)).toEqual(['page-recovered', 'transfer-reopened']);
      // What had arrived was not asked for again.
      const held = log.flatMap((event) => (event.is === 'transfer-started' ? [event.blocksHeld > 0] : []));
      expect(held).toEqual(victim === 'receiving' ? [false, true] : []);
      expect(logOf(surviving, ['film']).map(({ is }) => is)).not.toContain('page-crashed');
    },
  );
});

describe('a page whose process keeps ending', () => {
  const given = en.desktop.pageStopped;
  const asked = (app: StandIn) => app.inMain(({ standIn }) => standIn.boxes);
  const answer = (app: StandIn, response: number) =>
    app.inMain(({ standIn }, chosen) => standIn.openBoxes.shift()?.(chosen), response);

  it('is said to have stopped; the person starts it again, or quits', async ({ task, onTestFinished }) => {
    const app = await startStandIn({ name: 'anna' });
    onTestFinished(async () => void (await stopAll([app], { task })));
    for (const time of [1, 2]) {
      for (let crash = 0; crash < 3; crash += 1) await app.crashPage();
      const { page } = app;
      await app.endPage();
      await expect.poll(() => asked(app)).toEqual(Array.from({ length: time }, () => given));
      expect(
        page
          .context()
          .pages()
          .filter((each) => each !== page),
      ).toEqual([]);
      if (time === 1) await app.untilNextPage(() => answer(app, 0));
    }
    await answer(app, 1);
    expect(await app.main.exited).toBe(0);
    const kinds = logOf(app, []).map(({ is }) => is);
    expect(kinds.filter((kind) => kind === 'page-given-up')).toHaveLength(2);
    expect(kinds.filter((kind) => kind === 'page-recovered')).toHaveLength(7);
  });
});
