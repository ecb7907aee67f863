// What the operating system says about a disk, in the app's own words. No raw errno leaves the host.

import { Fault, type FaultCode } from '../../shared/model/fault.ts';

const codes: Readonly<Record<string, FaultCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-quota',
  EACCES: 'disk-denied',
  EPERM: 'disk-denied',
  ENOENT: 'disk-gone',
  ENOTDIR: 'disk-gone',
  ENODEV: 'disk-gone',
  ESTALE: 'disk-gone',
  EROFS: 'disk-read-only',
  EIO: 'disk-error',
  EFBIG: 'disk-file-too-large',
  ENAMETOOLONG: 'disk-name-too-long',
  EMFILE: 'disk-too-many-open',
  ENFILE: 'disk-too-many-open',
  EBUSY: 'disk-error',
};

export function toDiskFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const errno = errnoOf(error);
  return new Fault(codes[errno ?? ''] ?? 'disk-error', `the disk answered ${errno ?? 'oddly'}`, { cause: error });
}

export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Runs disk work; whatever it throws becomes a Fault. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDiskFault(error);
  }
}
