import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrink } from '../../../simulation/shrink.ts';

describe('a failing run', () => {
  it('is left with just the steps that it takes, whichever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(60), { maxLength: 8 }),
        fc.integer({ min: 1, max: 60 }),
        async (all, more) => {
          const steps = Array.from({ length: 61 + more }, (_, step) => step);
          const needed = all.toSorted((a, b) => a - b);
          const left = await shrink(steps, async (tried) => needed.every((step) => tried.includes(step)));
          expect(left).toEqual(needed);
        },
      ),
    );
  });

  it('keeps all steps where each is needed', async () => {
    const steps = [1, 2, 3];
    expect(await shrink(steps, async (tried) => tried.length === 3)).toEqual(steps);
  });
});
