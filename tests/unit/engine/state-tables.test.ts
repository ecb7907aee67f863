// The machines against their tables in the documents: every row there is true, and nothing else happens.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { receiveTable } from '../../../engine/receive/receive-state.ts';
import { sendTable } from '../../../engine/send/send-state.ts';
import { sessionTable } from '../../../engine/session/session-state.ts';

const document = readFileSync(new URL('../../../docs/STATES.md', import.meta.url), 'utf8');

describe.each([
  ['Session', sessionTable],
  ['Outgoing transfer', sendTable],
  ['Incoming transfer', receiveTable],
] as const)('%s', (title, table) => {
  it('is what the document says', () => {
    const section = document.split(`\n### ${title}\n`)[1]!.split('\n### ')[0]!;
    const told = [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(([, from, event, to]) => [
      from,
      event,
      to,
    ]);
    const real = Object.entries(table).flatMap(([from, row]) =>
      Object.entries(row).map(([event, to]) => [from, event, to]),
    );
    expect(told).toEqual(real);
    expect(real.length).toBeGreaterThan(0);
  });
});
