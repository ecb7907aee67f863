/** Fingers alone drag no files into a page: a phone is not asked to. */
export function canDrag(): boolean {
  return matchMedia('(any-pointer: fine)').matches;
}
