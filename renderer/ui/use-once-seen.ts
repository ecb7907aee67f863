// A question that has only just come into view: whatever is pressed then was meant for what was there before.

import { useEffect, useState } from 'react';

const seenMs = 600;

/** Whether that very question has been in view for a moment. Until then its button is `aria-disabled`, so that it keeps the focus. */
export function useOnceSeen(question: string): boolean {
  const [seen, setSeen] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setSeen(question), seenMs);
    return () => clearTimeout(timer);
  }, [question]);
  return seen === question;
}
