// Finds passages that stand in the sources twice, and fails if there are any. `node build/copies.mjs`

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './ready.mjs';

/** Shorter passages are alike by chance. */
const passageLines = 14;
const rooms = ['shared', 'engine', 'link', 'host', 'electron', 'browser', 'renderer', 'guest', 'build'];

/** Each `{ file, text }` → pairs of places whose following lines are equal, one pair for each passage. */
export function copiesIn(sources, length = passageLines) {
  const firstPlace = new Map();
  const copies = [];
  for (const { file, text } of sources) {
    const lines = tellingLines(text);
    for (let at = 0; at + length <= lines.length; at++) {
      const passage = lines.slice(at, at + length);
      const key = passage.map((line) => line.text).join('\n');
      const first = firstPlace.get(key);
      if (first === undefined) {
        firstPlace.set(key, { file, line: passage[0].number });
        continue;
      }
      copies.push([first, { file, line: passage[0].number }]);
      at += length - 1;
    }
  }
  return copies;
}

/** Lines that say something: no imports, no comments, no lone brackets. */
function tellingLines(text) {
  return text
    .split('\n')
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => /\w{2}/.test(line.text) && !/^(import|export \{|\/\/|\/?\*|\} from)/.test(line.text));
}

function sourcesOf(room) {
  return readdirSync(path.join(root, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ file: path.relative(root, file), text: readFileSync(file, 'utf8') }));
}

if (process.argv[1] === import.meta.filename) {
  const copies = copiesIn(rooms.flatMap(sourcesOf));
  for (const [one, other] of copies)
    console.error(`${one.file}:${one.line} stands again at ${other.file}:${other.line}`);
  process.exitCode = copies.length === 0 ? 0 : 1;
}
