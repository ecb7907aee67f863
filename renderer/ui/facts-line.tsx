// Facts side by side, with a dot between two that stand on one line and none where the line breaks.

import type { ReactNode } from 'react';

export function FactsLine({ facts }: { readonly facts: readonly ReactNode[] }) {
  return (
    <span className="facts-line">
      <span>
        {facts.map((fact, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fact is known by its place
          <span key={at}>
            {/* Its own direction counts inside it: the dot stands where the line's does. */}
            <bdi>{fact}</bdi>
          </span>
        ))}
      </span>
    </span>
  );
}
