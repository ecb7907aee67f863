// A script that stands in a page ends at the first of these, wherever it stands.

export function insidePage(script: string): string {
  return script.replace(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
}
