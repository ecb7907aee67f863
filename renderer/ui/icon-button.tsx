// A button without words: its name is read aloud, and shown where the pointer rests.

import type { MouseEvent, ReactNode, Ref } from 'react';

export function IconButton({
  ref,
  handle,
  label,
  icon,
  type = 'button',
  disabled = false,
  waits = false,
  onClick,
}: {
  readonly ref?: Ref<HTMLButtonElement>;
  readonly handle?: string;
  readonly label: string;
  readonly icon: ReactNode;
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  /** Cannot be pressed for the moment, and keeps the focus until it can. */
  readonly waits?: boolean;
  readonly onClick?: (event: MouseEvent) => void;
}) {
  return (
    <button
      ref={ref}
      type={type}
      className="icon-button"
      data-testid={handle}
      aria-label={label}
      title={label}
      disabled={disabled}
      aria-disabled={waits}
      onClick={(event) => {
        if (waits) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {icon}
    </button>
  );
}
