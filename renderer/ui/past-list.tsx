// What earlier links left, on the first screen: unfinished transfers, rows and notes, each of them once.

import { useApp } from './app-context.tsx';
import { Timeline } from './timeline.tsx';
import { UnfinishedLines } from './unfinished-list.tsx';

export function PastList() {
  const isUnfinished = useApp((state) => state.unfinished.length > 0);
  return (
    <div className="past">
      {isUnfinished && <UnfinishedLines />}
      <Timeline isPast />
    </div>
  );
}
