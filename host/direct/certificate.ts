// A fresh certificate for the direct lane of one link. It proves nothing by itself: each side tells its SHA-256 over the link,
// which is authenticated already, and takes no other.

import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';

export type LaneCertificate = {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the certificate's DER, 64 hex digits. */
  readonly fingerprint: string;
};

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
/** Clocks of two computers differ; nobody checks the dates, but some TLS stacks refuse dates that make no sense. */
const validBeforeMs = 2 * dayMs;
const validAfterMs = 400 * dayMs;

export async function makeLaneCertificate(wallClockMs: number): Promise<LaneCertificate> {
  // The library's types are those of browsers; Node's objects are the same but for newer names in them.
  cryptoProvider.set(webcrypto as never);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=tincan',
    notBefore: new Date(wallClockMs - validBeforeMs),
    notAfter: new Date(wallClockMs + validAfterMs),
    signingAlgorithm: algorithm,
    keys: keys as never,
  });
  const der = Buffer.from(certificate.rawData);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    keyPem: pem('PRIVATE KEY', pkcs8),
    certificatePem: pem('CERTIFICATE', der),
    fingerprint: createHash('sha256').update(der).digest('hex'),
  };
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
