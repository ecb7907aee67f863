// Ends a test of a guest page beside a Tincan: both are closed, and neither had anything to complain of.

import type { TestContext } from 'vitest';
import { expect } from 'vitest';
import { type Instance, stopAll } from '../e2e/instance.ts';

type Guest = { readonly complaints: readonly string[]; close(): Promise<void> };

export async function closeBoth(
  anna: Instance | undefined,
  guest: Guest | undefined,
  context: TestContext,
): Promise<void> {
  const complaints = [...(guest?.complaints ?? [])];
  await guest?.close();
  if (anna !== undefined) complaints.push(...(await stopAll([anna], context)));
  expect(complaints).toEqual([]);
}
