// A client that was written from docs/PROTOCOL.md alone, against a real Tincan in Chromium. What it cannot do from the document,
// nobody can.

import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProtocolClient } from '../protocol-client/client.ts';
import { commitment, digits, transcriptHash } from '../protocol-client/verification.ts';
import { type Instance, root, startInstance, stopAll, temporaryFolder } from './instance.ts';
import { codeOf, giveCode, rows, sha256Of, waitForState } from './pairing.ts';

const running: Instance[] = [];
const clients: ProtocolClient[] = [];

afterEach(async (context) => {
  for (const client of clients.splice(0)) client.close();
  expect(await stopAll(running.splice(0), context)).toEqual([]);
});

async function start(files: readonly string[] = []): Promise<{ tincan: Instance; client: ProtocolClient }> {
  const tincan = await startInstance({ name: 'tincan', files });
  running.push(tincan);
  const client = new ProtocolClient('Ada');
  clients.push(client);
  return { tincan, client };
}

async function link(tincan: Instance, client: ProtocolClient, role: 'inviter' | 'replier'): Promise<void> {
  if (role === 'inviter') {
    await giveCode(tincan, await client.invite());
    client.takeReply(await codeOf(tincan, 'reply'));
  } else await giveCode(tincan, await client.reply(await codeOf(tincan, 'invite')));
  await tincan.session('linked');
  const shown = (await tincan.at('verify-digits').innerText()).replace(/\D/g, '');
  expect(await client.digits).toBe(shown);
  await tincan.at('verify-match').click();
  client.confirm();
  await client.opened;
}

function randomFile(name: string, bytes: number): string {
  const file = path.join(temporaryFolder('client'), name);
  writeFileSync(file, randomBytes(bytes));
  return file;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('a client written from the document', () => {
  it('shares no code with Tincan', () => {
    const folder = path.join(root, 'tests/protocol-client');
    const imports = readdirSync(folder).flatMap((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      return [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from!);
    });
    expect(imports.filter((from) => !/^(\.\/|node:|node-datachannel$)/.test(from))).toEqual([]);
    expect(imports).toContain('node-datachannel');
  });

  it('makes the test vector of the digits', () => {
    const transcript = transcriptHash({
      invite: Buffer.from('the invite, as bytes'),
      reply: Buffer.from('the reply, as bytes'),
      inviterFingerprint: Buffer.alloc(32, 0x11),
      replierFingerprint: Buffer.alloc(32, 0x22),
    });
    const [nI, nR] = [Buffer.alloc(32, 0xa1), Buffer.alloc(32, 0xb2)];
    expect(transcript.toString('hex')).toBe('6cfe9608c81959f1cd6b2afe45d23b6fb84191ad010bc8db4abfdc2b5bebe7ef');
    expect(commitment(transcript, nI).toString('hex')).toBe(
      '786c98e38791c28c0f03ba481e1daccaf7ee8dfb86ea9f88ec257a968734dd7e',
    );
    expect(digits(transcript, nI, nR)).toBe('837806');
  });

  it.each(['inviter', 'replier'] as const)('links as %s and carries a file each way', async (role) => {
    const source = randomFile('there.bin', 5_300_000);
    const { tincan, client } = await start([source]);
    await link(tincan, client, role);
    const incoming = await client.offered;
    expect(sha256(await incoming.received)).toBe(await sha256Of(source));
    await waitForState(tincan, 'send', 'done');
    const own = randomBytes(7_700_000);
    const sent = client.send('here.bin', own);
    await tincan.at('accept').click();
    await sent;
    await waitForState(tincan, 'receive', 'done');
    expect(await sha256Of(path.join(tincan.downloadDir, 'here.bin'))).toBe(sha256(own));
    expect(client.complaints).toEqual([]);
  });

  it('C16: cannot use up the connections that the page may make, by offering and closing lanes without end', async () => {
    const { tincan, client } = await start();
    await link(tincan, client, 'inviter');
    const fields = {
      ufrag: 'abcd',
      pwd: 'a'.repeat(22),
      fingerprint: 'ab'.repeat(32),
      candidates: [{ kind: 'host', family: 4, address: '10.255.255.1', port: 40_000 }],
    };
    // Chromium counts a connection until it is collected, and lets a page have 500.
    for (let lane = 1; lane <= 600; lane += 1) {
      client.sendRaw({ type: 'link', body: { say: 'lane-offer', lane, fields } });
      client.sendRaw({ type: 'link', body: { say: 'lane-close', lane } });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    client.sendRaw({ type: 'bye' });
    await codeOf(tincan, 'invite');
  });

  it.each(['inviter', 'replier'] as const)(
    'as %s goes on over a standby connection after a cut, with a file in flight',
    async (role) => {
      const source = randomFile('there.bin', 120_000_000);
      const { tincan, client } = await start([source]);
      await link(tincan, client, role);
      const incoming = await client.offered;
      await client.standbyReady;
      await expect.poll(() => incoming.blocks, { interval: 5, timeout: 30_000 }).toBeGreaterThan(4);
      expect(incoming.blocks).toBeLessThan(110);
      client.cut();
      await client.healed;
      expect(sha256(await incoming.received)).toBe(await sha256Of(source));
      await waitForState(tincan, 'send', 'done');
      expect(await rows(tincan, 'send').count()).toBe(1);
      const own = randomBytes(1_300_000);
      const sent = client.send('here.bin', own);
      await tincan.at('accept').click();
      await sent;
      expect(await sha256Of(path.join(tincan.downloadDir, 'here.bin'))).toBe(sha256(own));
      expect(client.complaints).toEqual([]);
    },
  );
});
