// Remembering on a link of which only one side is here: what the other one would say is said by the test.

import { expect, it, vi } from 'vitest';
import type { Paired } from '../../../link/run-pairing.ts';
import { startRemember } from '../../../link/run-remember.ts';
import { quickly } from './two-links.ts';

const paired = {
  role: 'inviter',
  invite: Uint8Array.of(1),
  reply: Uint8Array.of(2),
  peerName: 'Ben',
} as unknown as Paired;

it('does not say that both remember each other where this computer could not store it, and stores the same when asked again', async () => {
  const secrets: string[] = [];
  const said: string[] = [];
  const remember = startRemember({
    paired,
    send: (signal) => void said.push(signal.say),
    keep: async ({ secret }) => (secrets.push(secret) === 1 ? undefined : 'entry'),
    changed: () => undefined,
  });
  remember.checked(new Uint8Array(32));
  remember.handle({ say: 'remember', share: 'ab'.repeat(32) });
  remember.choose('yes');
  await vi.waitFor(() => expect(remember.view()).toBe('unkept'), quickly);
  expect(remember.knownId()).toBeUndefined();
  remember.choose('yes');
  await vi.waitFor(() => expect(remember.knownId()).toBe('entry'), quickly);
  expect(remember.view()).toBe('agreed');
  expect(secrets[1]).toBe(secrets[0]);
  expect(said).toEqual(['remember']);
});
