// The receive prompt's tree: what a tick means for folders, and what is asked for in the end.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chosen,
  growTree,
  setAll,
  tickAll,
  tickState,
  toggle,
  toSelection,
  visibleNodes,
} from '../../../renderer/state/offer-tree.ts';
import type { OfferRow } from '../../../shared/ipc/views.ts';

const row = (index: number, kind: 'file' | 'folder', path: string, size = 10): OfferRow => ({
  index,
  kind,
  path: path.split('/'),
  size: kind === 'file' ? size : 0,
  flags: [],
});
const rows = [
  row(0, 'folder', 'top'),
  row(1, 'file', 'top/a'),
  row(2, 'folder', 'top/empty'),
  row(3, 'folder', 'top/deep'),
  row(4, 'file', 'top/deep/b', 5),
  row(5, 'file', 'lone', 7),
];
const tree = growTree(rows, new Set());
const at = (name: string) => tree.nodes.findIndex((node) => node.name === name);

describe('the offer tree', () => {
  it('sums what is below a folder', () => {
    expect(tree.nodes[at('top')]).toMatchObject({ sizeBytes: 15, files: 2, depth: 0 });
    expect(tree.nodes[at('b')]).toMatchObject({ depth: 2 });
  });

  it('asks for everything when everything is ticked', () => {
    expect(toSelection(tree, tickAll(tree))).toBe('all');
  });

  it('leaves out an unticked file and keeps its folder', () => {
    const ticks = toggle(tree, tickAll(tree), at('a'));
    expect(tickState(tree, ticks, at('top'))).toBe('some');
    expect(toSelection(tree, ticks)).toEqual([
      [0, 1],
      [2, 6],
    ]);
    expect(chosen(tree, ticks)).toEqual({ files: 2, bytes: 12 });
  });

  it('leaves out a folder with everything in it', () => {
    const ticks = toggle(tree, tickAll(tree), at('top'));
    expect(toSelection(tree, ticks)).toEqual([[5, 6]]);
  });

  it('ticks the whole folder when it was ticked in part', () => {
    const part = toggle(tree, tickAll(tree), at('a'));
    expect(tickState(tree, toggle(tree, part, at('top')), at('top'))).toBe('on');
  });

  it('never ticks what cannot be stored here', () => {
    const refused = growTree(rows, new Set([4]));
    const ticks = toggle(refused, setAll(refused, false), at('top'));
    expect(toSelection(refused, setAll(refused, true))).toEqual([
      [0, 3],
      [5, 6],
    ]);
    expect(ticks[at('b')]).toBe(0);
  });

  it('hides what is in a closed folder', () => {
    expect(visibleNodes(tree, new Set([at('top')])).map((index) => tree.nodes[index]!.name)).toEqual(['top', 'lone']);
  });

  it('asks for exactly the ticked files, whatever was toggled', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 12 }), (toggles) => {
        const ticks = toggles.reduce((held, index) => toggle(tree, held, index), tickAll(tree));
        const selection = toSelection(tree, ticks);
        const indexes =
          selection === 'all'
            ? [0, 1, 2, 3, 4, 5]
            : selection.flatMap(([from, to]) => Array.from({ length: to - from }, (_, step) => from + step));
        const files = tree.nodes.flatMap((node, place) =>
          node.kind === 'file' && ticks[place] === 1 ? [node.row!.index] : [],
        );
        expect(indexes.filter((index) => rows[index]!.kind === 'file')).toEqual(files.sort((a, b) => a - b));
      }),
    );
  });

  it('takes a hundred thousand rows in one go', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => row(index, 'file', `archive/${index % 100}/${index}`));
    const big = growTree(many, new Set());
    expect(big.nodes).toHaveLength(100_101);
    expect(toSelection(big, toggle(big, tickAll(big), 0))).toEqual([]);
  });
});
