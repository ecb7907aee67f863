// The names that Windows keeps: none of its devices, none of the signs that mean something to it, no blank or dot at the end.

const devices = /^(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|$)/i;
const meaningful = /[<>:"|?*\\]/;

export function isWindowsName(name: string): boolean {
  return !devices.test(name) && !meaningful.test(name) && !/[ .]$/.test(name);
}
