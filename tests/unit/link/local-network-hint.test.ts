// When somebody on a Mac is told about the system's permission for the local network.

import { expect, it } from 'vitest';
import { asksForLocalNetwork } from '../../../shared/model/link-view.ts';

it.each([
  ['firewall', 'darwin', true],
  ['isolated', 'darwin', true],
  ['other-network', 'darwin', false],
  ['waiting-for-reply', 'darwin', false],
  [undefined, 'darwin', false],
  ['firewall', 'linux', false],
  ['firewall', 'win32', false],
] as const)('for the hint %s on %s: %s', (hint, platform, expected) => {
  expect(asksForLocalNetwork(hint, platform)).toBe(expected);
});
