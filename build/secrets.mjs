// A workflow sets the variable of a secret that does not exist to the empty string, and the packager takes that for a
// certificate without a name. Here such a variable does not exist either.

const names = [
  'CSC_LINK',
  'CSC_KEY_PASSWORD',
  'WIN_CSC_LINK',
  'WIN_CSC_KEY_PASSWORD',
  'APPLE_API_KEY',
  'APPLE_API_KEY_ID',
  'APPLE_API_ISSUER',
  'TINCAN_FEED',
];

export function withoutEmptySecrets(env) {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' || !names.includes(name)));
}
