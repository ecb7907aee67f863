// The receive prompt's tree: flat rows in, a preorder list of nodes out, so that a folder's descendants are one range.
// Pure: ticking answers with new ticks. Every operation is linear in the worst case and has no recursion.

import type { OfferRow } from '../../shared/ipc/views.ts';
import type { IndexRange, Selection } from '../../shared/model/manifest.ts';

export type OfferNode = {
  readonly name: string;
  readonly depth: number;
  /** First node after this one's descendants. */
  readonly end: number;
  readonly kind: 'file' | 'folder';
  /** Absent for a folder that only files name. */
  readonly row?: OfferRow;
  readonly sizeBytes: number;
  readonly files: number;
  /** It can never be stored here. */
  readonly refused: boolean;
};

export type OfferTree = { readonly nodes: readonly OfferNode[]; readonly entryCount: number };

/** One byte per node; only leaves (files and empty folders) are read. */
export type Ticks = Uint8Array;
export type TickState = 'on' | 'off' | 'some';

type Draft = { name: string; row?: OfferRow; kind: 'file' | 'folder'; children: Map<string, Draft> };

export function growTree(rows: readonly OfferRow[], refusedIndexes: ReadonlySet<number>): OfferTree {
  const root: Draft = { name: '', kind: 'folder', children: new Map() };
  for (const row of rows) plant(root, row);
  return { nodes: flatten(root, refusedIndexes), entryCount: rows.length };
}

function plant(root: Draft, row: OfferRow): void {
  let at = root;
  for (const [depth, name] of row.path.entries()) {
    const last = depth === row.path.length - 1;
    // Two rows may end up with one name; a file beside a file keeps a key of its own.
    const key = last && row.kind === 'file' ? `${name}\u0000${row.index}` : name;
    let child = at.children.get(key);
    if (child === undefined) {
      child = { name, kind: last ? row.kind : 'folder', children: new Map() };
      at.children.set(key, child);
    }
    if (last) child.row = row;
    at = child;
  }
}

function flatten(root: Draft, refusedIndexes: ReadonlySet<number>): OfferNode[] {
  type Open = { at: number; depth: number; draft: Draft };
  const nodes: { -readonly [K in keyof OfferNode]: OfferNode[K] }[] = [];
  const stack: { draft: Draft; depth: number }[] = [...root.children.values()]
    .reverse()
    .map((draft) => ({ draft, depth: 0 }));
  const open: Open[] = [];
  const closeTo = (depth: number) => {
    while (open.length > depth) {
      const { at } = open.pop()!;
      const node = nodes[at]!;
      node.end = nodes.length;
      const parent = open.at(-1);
      if (parent === undefined) continue;
      nodes[parent.at]!.sizeBytes += node.sizeBytes;
      nodes[parent.at]!.files += node.files;
    }
  };
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { draft, depth } = next;
    closeTo(depth);
    nodes.push({
      name: draft.name,
      depth,
      end: nodes.length + 1,
      kind: draft.kind,
      ...(draft.row === undefined ? {} : { row: draft.row }),
      sizeBytes: draft.kind === 'file' ? (draft.row?.size ?? 0) : 0,
      files: draft.kind === 'file' ? 1 : 0,
      refused: draft.row !== undefined && refusedIndexes.has(draft.row.index),
    });
    open.push({ at: nodes.length - 1, depth, draft });
    for (const child of [...draft.children.values()].reverse()) stack.push({ draft: child, depth: depth + 1 });
  }
  closeTo(0);
  return nodes;
}

export function tickAll(tree: OfferTree): Ticks {
  return Uint8Array.from(tree.nodes, (node) => (node.refused ? 0 : 1));
}

/** A folder that is partly ticked becomes wholly ticked. */
export function toggle(tree: OfferTree, ticks: Ticks, at: number): Ticks {
  const node = tree.nodes[at];
  if (node === undefined || node.refused) return ticks;
  const value = tickState(tree, ticks, at) === 'on' ? 0 : 1;
  const next = ticks.slice();
  for (let index = at; index < node.end; index += 1) next[index] = tree.nodes[index]!.refused ? 0 : value;
  return next;
}

export function setAll(tree: OfferTree, on: boolean): Ticks {
  return on ? tickAll(tree) : new Uint8Array(tree.nodes.length);
}

export function tickState(tree: OfferTree, ticks: Ticks, at: number): TickState {
  const node = tree.nodes[at]!;
  let on = false;
  let off = false;
  for (let index = at; index < node.end; index += 1) {
    const leaf = tree.nodes[index]!;
    if (leaf.end !== index + 1 || leaf.refused) continue;
    if (ticks[index] === 1) on = true;
    else off = true;
    if (on && off) return 'some';
  }
  return on ? 'on' : 'off';
}

/** Indexes of the nodes to draw: descendants of closed folders are passed over. */
export function visibleNodes(tree: OfferTree, closed: ReadonlySet<number>): number[] {
  const visible: number[] = [];
  for (let at = 0; at < tree.nodes.length; ) {
    visible.push(at);
    at = closed.has(at) ? tree.nodes[at]!.end : at + 1;
  }
  return visible;
}

export function chosen(tree: OfferTree, ticks: Ticks): { readonly files: number; readonly bytes: number } {
  let files = 0;
  let bytes = 0;
  for (const [at, node] of tree.nodes.entries()) {
    if (node.kind !== 'file' || ticks[at] !== 1) continue;
    files += 1;
    bytes += node.sizeBytes;
  }
  return { files, bytes };
}

/** A folder goes along when anything below it does. */
export function toSelection(tree: OfferTree, ticks: Ticks): Selection {
  const indexes: number[] = [];
  const lastOn = lastTickedLeaf(tree, ticks);
  for (const [at, node] of tree.nodes.entries()) {
    if (node.row === undefined || node.refused) continue;
    const leaf = node.end === at + 1;
    if (leaf ? ticks[at] === 1 : lastOn[node.end]! >= at) indexes.push(node.row.index);
  }
  if (indexes.length === tree.entryCount) return 'all';
  return asRanges(indexes.sort((a, b) => a - b));
}

/** For each position, the last ticked leaf before it (or -1): tells in one step whether a range holds a ticked leaf. */
function lastTickedLeaf(tree: OfferTree, ticks: Ticks): Int32Array {
  const last = new Int32Array(tree.nodes.length + 1).fill(-1);
  for (let at = 0; at < tree.nodes.length; at += 1) {
    const isTickedLeaf = tree.nodes[at]!.end === at + 1 && ticks[at] === 1;
    last[at + 1] = isTickedLeaf ? at : last[at]!;
  }
  return last;
}

function asRanges(indexes: readonly number[]): IndexRange[] {
  const ranges: [number, number][] = [];
  for (const index of indexes) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}
