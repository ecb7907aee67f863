// A button without words: its name is read aloud, and shown where the pointer rests.

import type { ReactNode, Ref } from 'react';

export function IconButton({
  ref,
  handle,
  label,
  icon,
  type = 'button',
  disabled = false,
  onClick,
}: {
  readonly ref?: Ref<HTMLButtonElement>;
  readonly handle?: string;
  readonly label: string;
  readonly icon: ReactNode;
  readonly type?: 'button' | 'submit';
  readonly disabled?: boolean;
  readonly onClick?: () => void;
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
      onClick={onClick}
    >
      {icon}
    </button>
  );
}
