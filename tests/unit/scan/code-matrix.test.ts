import { describe, expect, it } from 'vitest';
import { codeMatrix, quietModules } from '../../../renderer/scan/code-matrix.ts';
import { encodeCode } from '../../../shared/code/code-text.ts';
import { sampleCode } from '../code/sample-codes.ts';

describe('the picture of a code', () => {
  const matrix = codeMatrix(encodeCode(sampleCode()));

  it('is of version 7 for one IPv4, one IPv6 and one public address', () => {
    expect(matrix.version).toBe(7);
    expect(matrix.size).toBe(45 + 2 * quietModules);
  });

  it('has a light margin of four modules all around, and its corner mark behind it', () => {
    for (let along = 0; along < matrix.size; along += 1) {
      for (const edge of [0, 1, 2, 3, matrix.size - 1, matrix.size - 4]) {
        expect(matrix.isDark(along, edge) || matrix.isDark(edge, along)).toBe(false);
      }
    }
    expect([4, 5, 6, 7, 8, 9, 10, 11].map((x) => matrix.isDark(x, 5))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it('is denser when the text leaves the alphanumeric mode', () => {
    expect(codeMatrix(encodeCode(sampleCode()).toLowerCase()).version).toBeGreaterThan(matrix.version);
  });
});
