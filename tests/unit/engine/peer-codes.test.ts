// Fault codes that a peer sends, against the real engine: whatever they are, they are true of the other side or say only that it went
// wrong there.

import { describe, expect, it } from 'vitest';
import { faultCodes } from '../../../shared/model/fault.ts';
import { hello, id, linkPeer, manifest, offer, offeredBy, sendTo, settle } from './scripted-peer.ts';

/** What breaks in our own app, whoever says so. */
const ours = faultCodes.filter((code) => /^(bridge|camera|picture|code|link|settings|journal|internal)/.test(code));

describe('a code of our own app from the peer', () => {
  it.each(ours)('%s does not say that something of ours broke: as an answer to an offer', async (code) => {
    const peer = linkPeer(true);
    const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(10) }]);
    sendTo(peer, { type: 'decline', transfer, code });
    await peer.side.reached('declined');
    expect(peer.side.view()!.fault?.code).toBe(code === 'bridge-closed' ? 'peer-left' : 'peer-failed');
    peer.side.engine.close();
  });

  it.each(ours)('%s does not either when the sender cancels', async (code) => {
    const peer = linkPeer(true);
    sendTo(peer, hello, offer, manifest);
    await peer.side.reached('receiving');
    sendTo(peer, { type: 'cancel', transfer: id, code });
    await peer.side.reached('failed');
    expect(peer.side.view()!.fault?.code).toBe(code === 'bridge-closed' ? 'peer-left' : 'peer-failed');
    peer.side.engine.close();
  });
});

it('a sender cannot say that our disk or our folder broke, nor a receiver that our files did', async () => {
  const sender = linkPeer(true);
  sendTo(sender, hello, offer, manifest);
  await sender.side.reached('receiving');
  sendTo(sender, { type: 'file-faults', transfer: id, faults: [{ index: 0, code: 'disk-error' }] });
  await settle();
  expect(sender.side.view()!.fileFaults.map(({ code }) => code)).toEqual(['peer-failed']);
  sendTo(sender, { type: 'cancel', transfer: id, code: 'destination-refused' });
  await sender.side.reached('failed');
  expect(sender.side.view()!.fault?.code).toBe('peer-failed');
  sender.side.engine.close();

  const receiver = linkPeer(true);
  const { transfer } = await offeredBy(receiver, [{ path: ['a'], bytes: new Uint8Array(10) }]);
  sendTo(receiver, { type: 'decline', transfer, code: 'source-unreadable' });
  await receiver.side.reached('declined');
  expect(receiver.side.view()!.fault?.code).toBe('peer-failed');
  receiver.side.engine.close();
});

it('what can be true of the other side is shown as it is', async () => {
  const peer = linkPeer(true);
  const { transfer } = await offeredBy(peer, [{ path: ['a'], bytes: new Uint8Array(10) }]);
  sendTo(peer, { type: 'decline', transfer, code: 'manifest-too-large' });
  await peer.side.reached('declined');
  expect(peer.side.view()!.fault?.code).toBe('manifest-too-large');
  peer.side.engine.close();
});
