// What a person should know of a name before saying yes. A flag never changes what is stored.

import type { NameFlag } from '../ipc/views.ts';

/** What browsers ask about before they keep it (Chromium's download_file_types.asciipb), and what starts one of these. */
const runs: ReadonlySet<string> = new Set(
  // Windows
  (
    'exe com scr pif bat cmd ps1 ps1xml ps2 ps2xml psc1 psc2 psm1 msh msh1 msh2 mshxml msh1xml msh2xml vb vbe vbs vbscript ' +
    'js jse ws wsc wsf wsh sct shb shs hta chm hlp msi msp mst msu msix msixbundle appx appxbundle appinstaller appref-ms ' +
    'application cpl dll drv ocx sys vxd msc lnk url website scf inf ins isp reg rgs pcd xbap xll xnk theme mof gadget ' +
    'diagcab diagpkg settingcontent-ms library-ms search-ms searchconnector-ms vhd vhdx iso img ' +
    // macOS
    'app action caction command terminal term tool workflow wflow applescript scpt scptd osas osax prefpane definition ' +
    'service fileloc inetloc webloc mobileconfig configprofile pkg mpkg dmg sparsebundle sparseimage xip smi toast cdr ' +
    // Linux, and the others
    'desktop sh bash csh ksh tcsh zsh shar run out appimage flatpakref flatpak snap deb rpm ' +
    'jar jnlp class py pyc pyd pyo pyw pyz pyzw pl rb'
  ).split(' '),
);
/** With its dot. */
const longestEnding = 1 + Math.max(...[...runs].map(({ length }) => length));
const harmless =
  /\.(pdf|docx?|xlsx?|pptx?|txt|rtf|jpe?g|png|gif|webp|heic|mp[34]|mov|avi|mkv|wav|flac|zip|csv|html?)\s*\.[^.]+$/i;
const hiddenBySystems = /^(desktop\.ini|autorun\.inf|thumbs\.db)$/i;
const longestHidden = 'desktop.ini'.length;

export function canRunPrograms(name: string): boolean {
  const dot = name.lastIndexOf('.');
  return dot >= 0 && name.length - dot <= longestEnding && runs.has(name.slice(dot + 1).toLowerCase());
}

/** Systems hide these by themselves. */
export function isHiddenBySystems(name: string): boolean {
  return name.length <= longestHidden && hiddenBySystems.test(name);
}

/** `isHidden`: it or a folder above it begins with a dot. */
export function flagsOf(name: string, isHidden: boolean): NameFlag[] {
  const flags: NameFlag[] = [];
  if (isHidden || isHiddenBySystems(name)) flags.push('hidden');
  if (!canRunPrograms(name)) return flags;
  flags.push('executable-kind');
  if (harmless.test(name)) flags.push('double-extension');
  return flags;
}
