// What a person should know of a name before saying yes. A flag never changes what is stored.

import type { NameFlag } from '../ipc/views.ts';

const runs: ReadonlySet<string> = new Set(
  (
    'exe com scr pif bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta msi msp msix appx cpl jar lnk url scf ' +
    'inf reg desktop sh bash zsh command terminal tool workflow app pkg dmg iso img vhd library-ms ' +
    'search-ms appimage deb rpm run py pl rb'
  ).split(' '),
);
/** With its dot. */
const longestEnding = 12;
const harmless =
  /\.(pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|webp|heic|mp[34]|mov|avi|mkv|wav|flac|zip|csv|html?)\s*\.[^.]+$/i;
const quiet = /^(desktop\.ini|autorun\.inf|thumbs\.db)$/i;

export function canRunPrograms(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot >= 0 && name.length - dot <= longestEnding && runs.has(name.slice(dot + 1).toLowerCase());
}

/** `isHidden`: it or a folder above it begins with a dot. */
export function flagsOf(name: string, isHidden: boolean): NameFlag[] {
  const flags: NameFlag[] = [];
  if (isHidden || quiet.test(name)) flags.push('hidden');
  if (!canRunPrograms(name)) return flags;
  flags.push('executable-kind');
  if (harmless.test(name)) flags.push('double-extension');
  return flags;
}
