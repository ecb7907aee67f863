// Two connections of a real Chromium that know of each other only what two codes say.

import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath } from '../../build/chromium-path.ts';
import { chooseCandidates } from '../../shared/code/candidates.ts';
import { decodeCode, encodeCode } from '../../shared/code/code-text.ts';
import { candidateLine, fieldsFromSdp, sdpFromFields } from '../../shared/code/description.ts';
import type { LinkCode } from '../../shared/code/link-code.ts';
import { bareFlags } from '../e2e/instance.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: bareFlags,
  });
});

afterAll(() => browser?.close());

type Side = { pc: RTCPeerConnection; opened: Promise<void> };
declare global {
  interface Window {
    sides: Record<'inviter' | 'replier', Side>;
    describeSide(name: 'inviter' | 'replier'): Promise<string>;
  }
}

it('links from two codes alone, with the inviter read as active and the reply passive', async () => {
  const page = await browser.newPage();
  await page.evaluate(() => {
    const open = (): Side => {
      const pc = new RTCPeerConnection();
      const channel = pc.createDataChannel('control', { negotiated: true, id: 0 });
      // A channel may open before the state that its connection shows has moved.
      const opened = new Promise<void>((resolve) => channel.addEventListener('open', () => resolve()));
      const connected = new Promise<void>((resolve) => {
        pc.addEventListener('connectionstatechange', () => pc.connectionState === 'connected' && resolve());
      });
      return { pc, opened: Promise.all([opened, connected]).then(() => undefined) };
    };
    window.sides = { inviter: open(), replier: open() };
    window.sides.inviter.pc.addTransceiver('video', { direction: 'inactive' });
    window.describeSide = async (name) => {
      const { pc } = window.sides[name];
      const gathered = new Promise<void>((resolve) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
      });
      await pc.setLocalDescription();
      await gathered;
      return pc.localDescription!.sdp;
    };
  });

  const invite = carry(await page.evaluate(() => window.describeSide('inviter')), 'invite');
  const replySdp = await page.evaluate(
    async (sdp) => {
      await window.sides.replier.pc.setRemoteDescription({ type: 'offer', sdp });
      return window.describeSide('replier');
    },
    sdpFromFields(invite.code, { type: 'offer', setup: 'active' }),
  );
  expect(replySdp).toContain('a=setup:passive');
  const reply = carry(replySdp, 'reply');

  const again = invite.code.candidates.map((each, at) => candidateLine(each, at, 3, invite.code.ufrag));
  const state = await page.evaluate(
    async ({ sdp, lines }) => {
      const { inviter, replier } = window.sides;
      for (const candidate of lines) await replier.pc.addIceCandidate({ candidate, sdpMid: '0' });
      await inviter.pc.setRemoteDescription({ type: 'answer', sdp });
      await Promise.all([inviter.opened, replier.opened]);
      return [inviter.pc.connectionState, replier.pc.connectionState, inviter.pc.sctp!.maxMessageSize];
    },
    { sdp: sdpFromFields(reply.code, { type: 'answer', setup: 'passive' }), lines: again },
  );
  expect(state).toEqual(['connected', 'connected', 262_144]);
  const rooms = roomOfSockets();
  if (rooms !== undefined) {
    for (const { port } of [...invite.code.candidates, ...reply.code.candidates]) {
      expect(rooms.get(port), `room of the socket on ${port}`).toBeGreaterThan(3 * plainSocketRoomBytes);
    }
  }
  console.log(`invite ${invite.text.length}, reply ${reply.text.length} characters`);
  await page.close();
});

/** What Chromium asks for where a description has data alone: 64 KiB, which Linux doubles for its own books. */
const plainSocketRoomBytes = 131_072;

/** Bytes of packets that each UDP socket of this machine may queue, by port; undefined where `ss` cannot tell. */
function roomOfSockets(): ReadonlyMap<number, number> | undefined {
  const { status, stdout } = spawnSync('ss', ['-Huanm'], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const found = stdout.matchAll(/:(\d+) +\S+\s+skmem:\(r\d+,rb(\d+),/g);
  return new Map([...found].map(([, port, room]) => [Number(port), Number(room)]));
}

/** Through text and back: what a person would carry. */
function carry(sdp: string, kind: LinkCode['kind']) {
  const fields = fieldsFromSdp(sdp);
  expect(fields.candidates.length).toBeGreaterThan(0);
  const sessionId = new Uint8Array(8).fill(5);
  const text = encodeCode({ ...fields, candidates: chooseCandidates(fields.candidates), kind, sessionId });
  const decoded = decodeCode(text);
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return { text, code: decoded.code };
}
