// What the operating system says about a disk, in the app's own words. No raw errno leaves the host.

import { constants } from 'node:os';
import { Fault, type FaultCode } from '../../shared/model/fault.ts';

const codes: Readonly<Record<string, FaultCode>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-quota',
  EACCES: 'disk-denied',
  EPERM: 'disk-denied',
  ENOENT: 'disk-gone',
  ENOTDIR: 'disk-gone',
  ENODEV: 'disk-gone',
  // Of a drive that was pulled out, and of a network share whose server does not answer.
  ENXIO: 'disk-gone',
  ESTALE: 'disk-gone',
  ENOTCONN: 'disk-gone',
  EHOSTDOWN: 'disk-gone',
  EHOSTUNREACH: 'disk-gone',
  EROFS: 'disk-read-only',
  EIO: 'disk-error',
  EFBIG: 'disk-file-too-large',
  ENAMETOOLONG: 'disk-name-too-long',
  EMFILE: 'disk-too-many-open',
  ENFILE: 'disk-too-many-open',
  EBUSY: 'disk-error',
  ELOOP: 'destination-refused',
};

export function toDiskFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const errno = errnoOf(error);
  return new Fault(codes[errno ?? ''] ?? 'disk-error', `the disk answered ${errno ?? 'without a code'}`, {
    cause: error,
  });
}

export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code !== 'string') return undefined;
  // libuv has names for some errors only; the others (quota, a lost network disk) come as a number.
  const number = /^Unknown system error -(\d+)$/.exec(code)?.[1];
  return number === undefined ? code : (nameByNumber.get(Number(number)) ?? code);
}

/** Nothing of that name is there, or something else is on the way to it. Any other error says nothing of what is there. */
export function isNotThere(error: unknown): boolean {
  return notThere.has(errnoOf(error) ?? '');
}

/** For a read: no bytes where the disk cannot read that place any more. Any other error passes, and says nothing of what is there. */
export function noBytesIfUnreadable(error: unknown): number {
  if (errnoOf(error) !== 'EIO') throw error;
  return 0;
}

const notThere: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

const nameByNumber: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** Runs disk work; whatever it throws becomes a Fault. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDiskFault(error);
  }
}
