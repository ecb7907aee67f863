// Reads the log of a Tincan under test, and holds that it tells nothing of people: no names, codes, addresses or paths.

import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import { type LogEvent, logEvent } from '../../host/log-event.ts';
import type { Instance } from './instance.ts';

/** Its events in order. Throws when a line is none of the closed set, or holds one of `words` or anything of this machine. */
export function logOf({ folder }: Instance, words: readonly string[]): LogEvent[] {
  const logs = path.join(folder, 'data', 'logs');
  const text = readdirSync(logs)
    .sort()
    .map((name) => readFileSync(path.join(logs, name), 'utf8'))
    .join('');
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  const forbidden = [...words, ...addresses, hostname(), folder, '/', 'TINCAN'];
  assert.deepEqual(
    forbidden.filter((word) => text.toLowerCase().includes(word.toLowerCase())),
    [],
  );
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { at, ...event } = JSON.parse(line) as { at: string };
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      return logEvent.parse(event);
    });
}
