// The log: what it can say at all, where it stops growing, and that writing it is nobody's trouble.

import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openRealDisk } from '../../../host/disk/real-disk.ts';
import { type Log, logFolder, openLog } from '../../../host/log.ts';
import { type LogEvent, logEvent, pageEnd, versionNumbers } from '../../../host/log-event.ts';
import { logBurstEvents, logEventsPerSecond, logFileMaxBytes, logFilesMax } from '../../../shared/wire/limits.ts';

const transfer = 'ab'.repeat(16);
const ended: LogEvent = { is: 'transfer-ended', transfer, direction: 'send', state: 'done', bytes: 5, files: 1 };

describe('what the log can say', () => {
  it('is words and numbers of its own, and a random id: no field takes any other text', () => {
    const open = z
      .toJSONSchema(logEvent)
      .oneOf!.flatMap((event) => Object.entries((event as { properties: object }).properties))
      .flatMap(([name, field]) =>
        [field, ...(field.anyOf ?? []), ...(field.items === undefined ? [] : [field.items])].map((each) => [
          name,
          each,
        ]),
      )
      .filter(([, { type, enum: words, const: word, anyOf }]) => {
        const isBound = words !== undefined || word !== undefined || anyOf !== undefined;
        return !isBound && !['integer', 'array', 'null'].includes(type);
      });
    expect(open).toEqual(open.map(() => ['transfer', { type: 'string', pattern: '^[0-9a-f]{32}$' }]));
    expect(open.length).toBeGreaterThan(3);
  });

  it('knows every reason a page can end for, and one for the rest', () => {
    expect(['oom', 'crashed', '/home/anna'].map(pageEnd)).toEqual(['oom', 'crashed', 'other']);
  });

  it('keeps of a version its numbers', () => {
    expect(['1.2.3', '0.0.0-standin', 'anna'].map(versionNumbers)).toEqual([[1, 2, 3], [0, 0, 0], [0]]);
  });
});

describe('the log', () => {
  let dataDir: string;
  let log: Log | undefined;
  let nowMs: number;
  const files = () => readdirSync(logFolder(dataDir)).sort();
  const lines = (name = 'tincan.log') =>
    readFileSync(path.join(logFolder(dataDir), name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LogEvent & { at: string });
  const open = () => {
    log = openLog(openRealDisk().blocking, dataDir, () => nowMs);
    return log;
  };

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'tincan-log-'));
    nowMs = Date.UTC(2026, 0, 1);
  });
  afterEach(() => {
    log?.close();
    rmSync(dataDir, { recursive: true });
  });

  it('is one line of JSON for each event, with its time, and goes on where it was', () => {
    open().write(ended);
    log!.close();
    nowMs += 1_000;
    open().write({ is: 'stopped' });
    expect(lines()).toEqual([
      { at: '2026-01-01T00:00:00.000Z', ...ended },
      { at: '2026-01-01T00:00:01.000Z', is: 'stopped' },
    ]);
  });

  it.skipIf(process.platform === 'win32')(
    'belongs to this account alone, also when it was made readable before',
    () => {
      mkdirSync(logFolder(dataDir), { mode: 0o700 });
      const file = path.join(logFolder(dataDir), 'tincan.log');
      writeFileSync(file, '');
      chmodSync(file, 0o644);
      open().write(ended);
      expect([statSync(file).mode & 0o777, statSync(logFolder(dataDir)).mode & 0o777]).toEqual([0o600, 0o700]);
    },
  );

  it('is bounded in size and number, and keeps the newest', () => {
    const fill = open();
    const line = `${JSON.stringify({ at: new Date(nowMs).toISOString(), ...ended })}\n`.length;
    const writes = Math.ceil((logFileMaxBytes * (logFilesMax + 2)) / line);
    for (let at = 0; at < writes; at += 1) {
      nowMs += 1_000 / logEventsPerSecond;
      fill.write({ ...ended, bytes: at });
    }
    expect(files()).toEqual(['tincan.1.log', 'tincan.2.log', 'tincan.3.log', 'tincan.log']);
    const sizes = files().map((name) => statSync(path.join(logFolder(dataDir), name)).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(logFileMaxBytes);
    expect(lines().at(-1)).toMatchObject({ bytes: writes - 1 });
    const oldest = lines('tincan.1.log').at(-1) as typeof ended;
    expect((lines()[0] as typeof ended).bytes).toBe(oldest.bytes + 1);
  });

  it('leaves a flood out, and says how much of it', () => {
    const flooded = open();
    for (let at = 0; at < logBurstEvents + 900; at += 1) flooded.write(ended);
    expect(lines()).toHaveLength(logBurstEvents);
    nowMs += 2_000 / logEventsPerSecond;
    flooded.write({ is: 'stopped' });
    expect(lines().slice(-2)).toMatchObject([{ is: 'left-out', events: 900 }, { is: 'stopped' }]);
  });

  it('is written also once the clock was set back', () => {
    open().write(ended);
    nowMs -= 3_600_000;
    log!.write({ is: 'stopped' });
    expect(lines()).toMatchObject([ended, { is: 'stopped' }]);
  });

  it('does not write what is none of its events, whatever a type was told', () => {
    const told = open();
    told.write({ ...ended, title: 'holiday.jpg' } as LogEvent);
    told.write({ ...ended, transfer: '/home/anna/holiday.jpg' });
    told.write({ is: 'secret' } as unknown as LogEvent);
    told.write({ is: 'stopped' });
    expect(lines()).toMatchObject([{ is: 'left-out', events: 3 }, { is: 'stopped' }]);
  });

  it("is nobody's trouble when it cannot be written", () => {
    writeFileSync(logFolder(dataDir), 'a file where the folder should be');
    expect(() => open().write(ended)).not.toThrow();
  });

  it('never writes into a file that took the place of its own', () => {
    const fill = open();
    for (let at = 0; at < 3_000; at += 1) {
      nowMs += 1_000 / logEventsPerSecond;
      // The folder goes away in the middle: the next rotation fails, and from then on nothing is written at all.
      if (at === 100) rmSync(logFolder(dataDir), { recursive: true });
      if (at === 101) writeFileSync(logFolder(dataDir), '');
      fill.write(ended);
    }
    const received = path.join(dataDir, 'received');
    const handle = openSync(received, 'w');
    fill.write(ended);
    closeSync(handle);
    expect([logFolder(dataDir), received].map((file) => readFileSync(file, 'utf8'))).toEqual(['', '']);
    rmSync(logFolder(dataDir));
  });
});
