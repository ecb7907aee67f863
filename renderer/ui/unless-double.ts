// Buttons that make themselves, or their row, go away: the second click of a double click finds what took their place, and was not
// meant for that. Browsers count clicks by time and by the place in the window, whatever lies there (docs/ELECTRON.md).

import type { MouseEvent } from 'react';

export function unlessDouble(act: () => void): (event: MouseEvent) => void {
  return ({ detail }) => {
    if (detail < 2) act();
  };
}
