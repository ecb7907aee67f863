// The one place that names the package for SHA-256 without the platform's help.

import { sha256 } from '@noble/hashes/sha2.js';

export function sha256InScript(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}
