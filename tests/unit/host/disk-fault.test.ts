// Errors that Node knows by their number only are told apart all the same.

import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { toDiskFault } from '../../../host/disk/disk-fault.ts';

const errnos: Readonly<Record<string, number>> = constants.errno;

it.each([
  ['EDQUOT', 'disk-quota'],
  ['ESTALE', 'disk-gone'],
])('%s by its number is %s', (name, code) => {
  const error = Object.assign(new Error('of a call'), { code: `Unknown system error -${errnos[name]}` });
  expect(toDiskFault(error).code).toBe(code);
});

it.each(['EMFILE', 'ENFILE'])(
  '%s is a system that opens no more files, and not a transfer that nobody knows',
  (code) => {
    expect(toDiskFault(Object.assign(new Error('of a call'), { code })).code).toBe('disk-too-many-open');
  },
);
