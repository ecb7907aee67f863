// The one error type of the app. A room throws a Fault; at IPC and wire edges it travels as { code, message }.
// The set of codes is closed: the page has a sentence for each, checked by the compiler.

export const faultCodes = [
  // link codes
  'code-not-ours',
  'code-incomplete',
  'code-damaged',
  'code-newer-version',
  'code-own',
  'code-is-reply',
  'code-is-invite',
  'code-other-invite',
  'code-used',
  'code-malformed',
  'code-unusable',
  'code-too-long',
  'code-foreign-sdp',
  'picture-no-code',
  'picture-unreadable',
  // camera
  'camera-denied',
  'camera-missing',
  'camera-busy',
  // link
  'link-unreachable',
  'link-tampered',
  'link-version',
  'link-exists',
  'no-private-network',
  'peer-violation',
  'peer-left',
  'peer-failed',
  // manifest and names
  'manifest-invalid',
  'manifest-too-large',
  'name-refused',
  'name-unsendable',
  // source
  'source-missing',
  'source-changed',
  'source-unreadable',
  'source-not-a-file',
  'source-too-many-open',
  // destination
  'disk-full',
  'disk-quota',
  'disk-denied',
  'disk-gone',
  'disk-read-only',
  'disk-error',
  'disk-file-too-large',
  'disk-name-too-long',
  'disk-too-many-open',
  'destination-refused',
  'destination-missing',
  'publish-waiting',
  // transfer
  'block-damaged',
  'hash-mismatch',
  'transfer-unknown',
  'transfer-refused',
  'journal-damaged',
  'note-too-long',
  // between page and host
  'bridge-invalid',
  'bridge-closed',
  'bridge-busy',
  'bridge-refused',
  'settings-invalid',
  'keychain-locked',
  'not-opened',
  // the app's own folder
  'data-folder-full',
  'data-unreadable',
  'internal',
] as const;

export type FaultCode = (typeof faultCodes)[number];

/** What a fault looks like once it has left the room it was thrown in. `detail` holds numbers for the sentence, never a path. */
export type FaultView = {
  readonly code: FaultCode;
  readonly message: string;
  readonly detail?: Readonly<Record<string, number | string>>;
};

export class Fault extends Error {
  readonly code: FaultCode;
  readonly detail: Readonly<Record<string, number | string>> | undefined;

  constructor(
    code: FaultCode,
    message: string,
    more: { readonly cause?: unknown; readonly detail?: Readonly<Record<string, number | string>> } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Fault';
    this.code = code;
    this.detail = more.detail;
  }
}

export function toFaultView(error: unknown): FaultView {
  if (error instanceof Fault) {
    const view = { code: error.code, message: error.message };
    return error.detail === undefined ? view : { ...view, detail: error.detail };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

export function isFaultCode(value: unknown): value is FaultCode {
  return typeof value === 'string' && (faultCodes as readonly string[]).includes(value);
}

/** Room on a disk is all that is missing: whoever waits for it loses nothing. */
export function isDiskFull(code: FaultCode): boolean {
  return code === 'disk-full' || code === 'disk-quota' || code === 'data-folder-full';
}

/** What is written waits for the disk: there is no room, or the disk is not there. */
export function waitsForDisk(code: FaultCode): boolean {
  return isDiskFull(code) || code === 'disk-gone';
}
