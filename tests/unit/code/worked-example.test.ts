import { expect, it } from 'vitest';
import { codeBytes, decodeCode } from '../../../shared/code/code-text.ts';
import { sampleCode } from './sample-codes.ts';

const text =
  'TINCAN:2HM0681XB9VS9CEE1C91J8175RTKRGTAA5C5YSKDEHXR52CGJYFABB5KQB0WHKYPVQJ6K7XXD6VHTYFR4653J9CTF8MTNESDZZPKT0T1CHGG1G5804BWG8G1400GVE45MC000000H8Q06W3K6K42646B01RMV721FM028F0';
const hex =
  '146803203d5a7794b1ce0b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4' +
  '699fbd69b71d79f8218a39259a7a29aabb2dffed3d0341646100c0a80117c822' +
  '0120010db885a3000000008a2e03707334c82310cb00714d9c417d00243c';

it('the documented example is what is written and read: changing the format means changing the version', () => {
  const code = sampleCode({ name: 'Ada' });
  expect(Buffer.from(codeBytes(code)).toString('hex')).toBe(hex);
  expect(decodeCode(text)).toMatchObject({ ok: true, code });
});
