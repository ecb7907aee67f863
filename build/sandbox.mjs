// Whether Electron can shield its pages on this Linux. Chromium ends with "No usable sandbox!" (zygote_host_impl_linux.cc)
// where it may make no user namespace and its helper `chrome-sandbox` is not setuid root. Ubuntu 23.10 and later forbid
// user namespaces to programs without an AppArmor profile.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A program that dies this soon after its start, by one of these signals, never opened a window. */
const earlyMs = 10_000;
const fatalSignals = ['SIGTRAP', 'SIGABRT', 'SIGILL', 'SIGSEGV'];

/** `system` is the root of the file system; tests give a folder of their own. */
export function isSandboxForbidden(program, system = '/') {
  if (process.platform !== 'linux') return false;
  if (isSetuidRoot(helperOf(program))) return false;
  const kernel = (name) => read(path.join(system, 'proc/sys', name))?.trim();
  if (kernel('kernel/unprivileged_userns_clone') === '0') return true;
  if (kernel('user/max_user_namespaces') === '0') return true;
  if (kernel('kernel/apparmor_restrict_unprivileged_userns') !== '1') return false;
  return !hasProfile(program, path.join(system, 'etc/apparmor.d'));
}

export function diedOfSandbox({ signal, code, livedMs }) {
  if (process.platform !== 'linux' || livedMs > earlyMs) return false;
  // 128 + 5 and 128 + 6: how a shell in between reports SIGTRAP and SIGABRT.
  return fatalSignals.includes(signal) || code === 133 || code === 134;
}

export function sandboxRemedy(program) {
  const helper = helperOf(program);
  return `sudo chown root:root "${helper}" && sudo chmod 4755 "${helper}"`;
}

function helperOf(program) {
  return path.join(path.dirname(program), 'chrome-sandbox');
}

function isSetuidRoot(file) {
  if (!existsSync(file)) return false;
  const { uid, mode } = statSync(file);
  return uid === 0 && (mode & 0o4000) !== 0;
}

/** A profile that somebody wrote for exactly this program lets it make user namespaces. */
function hasProfile(program, folder) {
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => read(path.join(folder, entry.name))?.includes(program));
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
