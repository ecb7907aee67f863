// The last minute's speed as a small hill. Drawn to its own maximum: the shape matters, the number stands beside it.

import { memo } from 'react';
import { useStrings } from './app-context.tsx';

const width = 120;
const height = 28;
/** Fewer make a block, not a shape. */
const fewest = 4;

export const SpeedGraph = memo(({ points }: { readonly points: readonly number[] }) => {
  const { t } = useStrings();
  const top = Math.max(...points, 1);
  const step = width / Math.max(points.length - 1, 1);
  const isDrawn = points.length >= fewest;
  const line = points.map(
    (value, at) => `${(at * step).toFixed(1)} ${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
  );
  return (
    <svg
      className="speed-graph"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t('transfer.graph')}
      preserveAspectRatio="none"
    >
      {isDrawn && <path className="speed-area" d={`M0 ${height} L${line.join(' L')} L${width} ${height} Z`} />}
      {isDrawn && <path className="speed-line" d={`M${line.join(' L')}`} />}
    </svg>
  );
});
