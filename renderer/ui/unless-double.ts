// Buttons that make themselves, or their row, go away: the second click of a double click finds what took their place, and was not
// meant for that.

import type { MouseEvent } from 'react';

export function unlessDouble(act: () => void): (event: MouseEvent) => void {
  return ({ detail }) => {
    if (detail < 2) act();
  };
}
