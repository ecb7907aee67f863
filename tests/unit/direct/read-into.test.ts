// Real TLS over loopback, read by either end: what the option `onread` of `tls.connect` does holds for connections that were accepted too.

import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LaneCertificate, makeLaneCertificate } from '../../../host/direct/certificate.ts';
import { type Intake, readInto } from '../../../host/direct/read-into.ts';

/** Smaller than what TLS decrypts at a time, and no part of it. */
const roomBytes = 10_007;

let certificate: LaneCertificate;
const closing: (() => void)[] = [];

beforeAll(async () => {
  certificate = await makeLaneCertificate(Date.now());
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function ends(): Promise<{ readonly dialled: TLSSocket; readonly accepted: TLSSocket }> {
  const { keyPem: key, certificatePem: cert } = certificate;
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepting = new Promise<TLSSocket>((resolve) => server.once('secureConnection', resolve));
  const { port } = server.address() as AddressInfo;
  const dialled = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  const [accepted] = await Promise.all([
    accepting,
    new Promise<void>((resolve) => dialled.once('secureConnect', resolve)),
  ]);
  for (const socket of [dialled, accepted]) socket.on('error', () => socket.destroy());
  closing.push(
    () => dialled.destroy(),
    () => accepted.destroy(),
    () => server.close(),
  );
  return { dialled, accepted };
}

function openIntake(): Intake & { readonly bytes: number; readonly arrived: () => Buffer } {
  const full: Uint8Array[] = [];
  let memory = new Uint8Array(roomBytes);
  let filled = 0;
  return {
    room: () => memory.subarray(filled),
    came(count) {
      filled += count;
      if (filled < roomBytes) return;
      full.push(memory);
      memory = new Uint8Array(roomBytes);
      filled = 0;
    },
    get bytes() {
      return full.length * roomBytes + filled;
    },
    arrived: () => Buffer.concat([...full, memory.subarray(0, filled)]),
  };
}

describe.each([['accepted'], ['dialled']] as const)('a connection that was %s', (which) => {
  it('decrypts into the memory that it is given, and makes no buffers', async () => {
    const both = await ends();
    const [reads, writes] = which === 'accepted' ? [both.accepted, both.dialled] : [both.dialled, both.accepted];
    const intake = openIntake();
    readInto(reads, intake);
    let buffers = 0;
    reads.on('data', () => {
      buffers += 1;
    });
    const sent = randomBytes(1_000_000);
    writes.write(sent);
    await vi.waitFor(() => expect(intake.bytes).toBe(sent.byteLength));
    expect(sent.equals(intake.arrived())).toBe(true);
    expect(buffers).toBe(0);
  });

  it('hands on first what came before anybody listened, and stops while it is paused', async () => {
    const both = await ends();
    const [reads, writes] = which === 'accepted' ? [both.accepted, both.dialled] : [both.dialled, both.accepted];
    const early = randomBytes(5000);
    writes.write(early);
    await vi.waitFor(() => expect(reads.readableLength).toBe(early.byteLength));
    const intake = openIntake();
    readInto(reads, intake);
    const sent = randomBytes(20_000_000);
    writes.write(sent);
    await vi.waitFor(() => expect(intake.bytes).toBeGreaterThan(early.byteLength), { interval: 1 });
    reads.pause();
    const held = intake.bytes;
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    // What was read from the system already is still decrypted.
    expect(intake.bytes - held).toBeLessThan(200_000);
    expect(intake.bytes).toBeLessThan(sent.byteLength);
    reads.resume();
    await vi.waitFor(() => expect(intake.bytes).toBe(early.byteLength + sent.byteLength));
    expect(Buffer.concat([early, sent]).equals(intake.arrived())).toBe(true);
  });
});
