// Which lines of the program ran, as V8 counts them. It must begin before the program is loaded.

import { readdirSync } from 'node:fs';
import { Session } from 'node:inspector';
import { stripTypeScriptTypes } from 'node:module';
import { loadedText, root } from '../substitutions.ts';
import { outsideBecause } from './outside.ts';

export type FileLines = { readonly file: string; readonly lines: number; readonly missing: readonly number[] };

type Range = { readonly startOffset: number; readonly endOffset: number; readonly count: number };
type Script = { readonly url: string; readonly functions: readonly { readonly ranges: readonly Range[] }[] };

const rooms = ['engine', 'link', 'host'];

/** Answers what to call at the end. */
export function beginLineCoverage(): () => readonly FileLines[] {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  return () => {
    let scripts: readonly Script[] = [];
    session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      scripts = taken.result;
    });
    session.disconnect();
    const byUrl = new Map(scripts.map((script) => [script.url, script]));
    return rooms
      .flatMap((room) =>
        readdirSync(root + room, { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
      )
      .filter((file) => file.endsWith('.ts') && outsideBecause(file) === undefined)
      .sort()
      .map((file) => linesOf(file, byUrl.get(`file://${root}${file}`)));
  };
}

function linesOf(file: string, script: Script | undefined): FileLines {
  // What Node runs: types are blanks, and every character keeps its place.
  const code = stripTypeScriptTypes(loadedText(root + file));
  const isReached = new Uint8Array(code.length).fill(script === undefined ? 0 : 1);
  // Outer functions come before inner ones, and outer ranges before those within.
  for (const { ranges } of script?.functions ?? []) {
    for (const { startOffset, endOffset, count } of ranges) isReached.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  const missing: number[] = [];
  let lines = 0;
  let at = 0;
  let isImport = false;
  for (const [number, line] of code.split('\n').entries()) {
    const text = line.trim();
    isImport ||= text.startsWith('import ');
    if (!isImport && isCode(text)) {
      lines += 1;
      const begin = at + line.indexOf(text);
      if (!isReached.subarray(begin, begin + text.length).includes(1)) missing.push(number + 1);
    }
    if (text.endsWith(';')) isImport = false;
    at += line.length + 1;
  }
  return { file, lines, missing };
}

/** Not blank, no comment, more than brackets. */
function isCode(text: string): boolean {
  return /\w/.test(text) && !/^(\/\/|\/?\*)/.test(text);
}
