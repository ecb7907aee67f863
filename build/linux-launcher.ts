// The program `tincan` of a Linux package: a script before the real one. Where a system lets no program make its own sandbox,
// Chromium ends without a word that anybody sees (zygote_host_impl_linux.cc). The script finds that out first, as `npm start`
// does (build/sandbox.mjs), and says it on the terminal, or in a window where there is no terminal.
// The AppArmor profile that the .deb brings names the script. It holds for what the script starts as well: the profile is
// an unconfined one, and such a profile is left only for another that names the next program.

export const linuxProgram = 'tincan';
export const realProgram = 'tincan-bin';

/** `system` is the root of the file system; tests give a folder of their own. */
export function launcherScript(system = ''): string {
  return `#!/bin/sh
here=$(dirname -- "$(readlink -f -- "$0")")
setting() {
  cat "${system}/proc/sys/$1" 2>/dev/null
}
is_helper_ready() {
  [ -u "$here/chrome-sandbox" ] && [ "$(stat -c %u -- "$here/chrome-sandbox")" = 0 ]
}
has_profile() {
  grep -rqsF -- "$here/${linuxProgram}" "${system}/etc/apparmor.d"
}
is_forbidden() {
  is_helper_ready && return 1
  [ "$(setting kernel/unprivileged_userns_clone)" = 0 ] && return 0
  [ "$(setting user/max_user_namespaces)" = 0 ] && return 0
  [ "$(setting kernel/apparmor_restrict_unprivileged_userns)" = 1 ] && ! has_profile
}
if is_forbidden; then
  remedy="sudo chown root:root '$here/chrome-sandbox' && sudo chmod 4755 '$here/chrome-sandbox'"
  text="This Linux blocks the protection (sandbox) that Tincan needs. Run this once in a terminal and start Tincan again: $remedy"
  printf '%s\\n' "$text" >&2
  if ! [ -t 2 ]; then
    zenity --error --no-markup --title Tincan --text "$text" 2>/dev/null ||
      kdialog --title Tincan --error "$text" 2>/dev/null ||
      xmessage "$text" 2>/dev/null ||
      notify-send Tincan "$text" 2>/dev/null
  fi
  exit 1
fi
exec "$here/${realProgram}" "$@"
`;
}
