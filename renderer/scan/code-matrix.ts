// A code as black and white squares: alphanumeric mode where the text allows it, error correction level M, and the quiet
// zone that readers need already around it.

/// <reference path="../qrcode.d.ts" />
import { create } from 'qrcode';

/** Readers find a code by the light around it; the standard asks for four modules. */
export const quietModules = 4;

/**
 * A mask keeps regular data from making large even areas. Most of a code is as good as random, and a run of zeros in an address shows
 * the pattern of any mask, which is never even. Trying all eight takes longer than everything else about the picture.
 */
const maskPattern = 3;

export type CodeMatrix = {
  /** Modules along one side, quiet zone included. */
  readonly size: number;
  readonly version: number;
  isDark(x: number, y: number): boolean;
};

/** Making one takes long, and the same code is drawn at every size that its box has. */
let last: { readonly text: string; readonly matrix: CodeMatrix } | undefined;

export function codeMatrix(text: string): CodeMatrix {
  if (last?.text !== text) last = { text, matrix: makeMatrix(text) };
  return last.matrix;
}

function makeMatrix(text: string): CodeMatrix {
  const isPlain = /^[0-9A-Z $%*+\-./:]+$/.test(text);
  // An address has both kinds of text in it, and the package finds the shortest way to write them.
  const content = isPlain ? [{ data: text, mode: 'alphanumeric' } as const] : text;
  const { modules, version } = create(content, { errorCorrectionLevel: 'M', maskPattern });
  const inside = modules.size;
  return {
    size: inside + 2 * quietModules,
    version,
    isDark(x, y) {
      const [column, row] = [x - quietModules, y - quietModules];
      if (column < 0 || row < 0 || column >= inside || row >= inside) return false;
      return modules.data[row * inside + column] !== 0;
    },
  };
}
