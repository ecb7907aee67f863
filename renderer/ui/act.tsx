// A small button of a row: a picture, and its words where there is room for them.

import type { ReactNode } from 'react';
import { unlessDouble } from './unless-double.ts';

export function Act({
  handle,
  icon,
  label,
  bare = false,
  onClick,
}: {
  readonly handle: string;
  readonly icon: ReactNode;
  readonly label: string;
  readonly bare?: boolean;
  readonly onClick: () => void;
}) {
  return (
    <button
      type="button"
      className={bare ? 'icon-button small-button' : 'small-button'}
      data-testid={handle}
      aria-label={label}
      title={label}
      onClick={unlessDouble(onClick)}
    >
      {icon} {!bare && <span>{label}</span>}
    </button>
  );
}
