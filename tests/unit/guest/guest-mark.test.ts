// A guest page says that it is one, and the other side treats it so for as long as the link lasts.

import { expect, it } from 'vitest';
import { stageConnection } from '../../../renderer/gallery/scene-transfers.ts';
import type { LinkView } from '../../../shared/model/link-view.ts';
import { linkTwo, MemoryDisk, Side } from '../engine/engine-pair.ts';
import { openBench } from '../state/stage.ts';

it('is told in the handshake, by the guest page alone', async () => {
  const guest = new Side(new MemoryDisk(), { isGuest: true });
  const program = new Side();
  linkTwo(1, { a: guest, b: program });
  await Promise.all([guest, program].map((side) => side.until(() => side.of('peer-name').length > 0)));
  expect(program.of('peer-name')).toMatchObject([{ isGuest: true }]);
  expect(guest.of('peer-name')[0]).not.toHaveProperty('isGuest');
});

it('is kept while the link lasts, and not for the next one', () => {
  const { emit, show, tincan } = openBench();
  const isGuest = () => tincan.store.getState().isGuestPeer;
  emit({ is: 'peer-name', connection: stageConnection, name: 'Firefox (Linux)', isGuest: true });
  expect(isGuest()).toBe(true);
  const { session } = tincan.store.getState();
  show({ at: 'reconnecting', peer: (session as LinkView & { at: 'linked' }).peer, sinceMs: 0 });
  expect(isGuest()).toBe(true);
  show({ at: 'pairing', code: { at: 'making' } });
  expect(isGuest()).toBe(false);
});
