// Whether one name of a path may be offered at all.

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
