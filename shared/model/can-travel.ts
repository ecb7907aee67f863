// Whether something may be offered at all, by where it lies and what it is called.

import { pathMaxDepth } from '../wire/limits.ts';

/** A receiver refuses the whole offer for a name that may lead out of its folder on some system. A sender leaves it out. */
export function canTravel(component: string): boolean {
  const escapes =
    component === '' ||
    component === '.' ||
    component === '..' ||
    component.includes('/') ||
    component.includes('\0') ||
    !component.isWellFormed() ||
    (component[1] === ':' && /^[a-z]/i.test(component)) ||
    (component[0] === '\\' && (component[1] === '\\' || component[1] === '?'));
  return !escapes;
}

/** Why the other side would refuse the whole offer for it. */
export function whyNotOffered(path: readonly string[]): 'name' | 'deep' | undefined {
  if (path.length > pathMaxDepth) return 'deep';
  return path.every(canTravel) ? undefined : 'name';
}
