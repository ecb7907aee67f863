// What a person should know of a name before saying yes. A flag never changes what is stored.

import type { NameFlag } from '../ipc/views.ts';

const runs =
  /\.(exe|com|scr|pif|bat|cmd|ps1|psm1|vbs|vbe|js|jse|wsf|wsh|hta|msi|msp|msix|appx|cpl|jar|lnk|url|scf|inf|reg|desktop|sh|bash|zsh|command|terminal|tool|workflow|app|pkg|dmg|iso|img|vhd|library-ms|search-ms|appimage|deb|rpm|run|py|pl|rb)$/i;
const harmless =
  /\.(pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|webp|heic|mp[34]|mov|avi|mkv|wav|flac|zip|csv|html?)\s*\.[^.]+$/i;
const quiet = /^(desktop\.ini|autorun\.inf|thumbs\.db)$/i;

export function canRunPrograms(name: string): boolean {
  return runs.test(name);
}

export function flagsOf(path: readonly string[]): NameFlag[] {
  const name = path.at(-1)!;
  const flags: NameFlag[] = [];
  if (path.some((component) => component.startsWith('.')) || quiet.test(name)) flags.push('hidden');
  if (canRunPrograms(name)) flags.push('executable-kind');
  if (canRunPrograms(name) && harmless.test(name)) flags.push('double-extension');
  return flags;
}
