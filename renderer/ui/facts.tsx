// A list of names and values, the one way it looks everywhere. Values may be anybody's words.

import type { ReactNode } from 'react';

export type Fact = { readonly name: ReactNode; readonly value: ReactNode; readonly key: string };

export function Facts({
  facts,
  className = '',
  handle,
}: {
  readonly facts: readonly Fact[];
  readonly className?: string;
  readonly handle?: string;
}) {
  return (
    <dl
      className={`facts ${className}`}
      data-testid={handle}
      // Reached by the keyboard, as everything that scrolls.
      tabIndex={className.includes('facts-scroll') ? 0 : undefined}
    >
      {facts.map(({ key, name, value }) => (
        <div key={key} className="fact-pair">
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
