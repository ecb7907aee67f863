import { describe, expect, it } from 'vitest';
import { decodeCode } from '../../../shared/code/code-text.ts';
import { candidateLine, fieldsFromSdp, sdpFromFields } from '../../../shared/code/description.ts';
import { hostV4, hostV6, named, relayV6, sampleCode, srflxV4 } from './sample-codes.ts';

const { ufrag, pwd, fingerprint } = sampleCode();
const fields = { ufrag, pwd, fingerprint, candidates: [hostV4, hostV6, named, srflxV4, relayV6] };
const offer = sdpFromFields(fields, { type: 'offer', setup: 'actpass' });

describe('a description', () => {
  it('rebuilt from fields reads back as the same fields', () => {
    expect(fieldsFromSdp(offer)).toEqual(fields);
    expect(fieldsFromSdp(offer.replaceAll('\r\n', '\n'))).toEqual(fields);
  });

  it('carries the role and the generation it was asked for', () => {
    const answer = sdpFromFields(fields, { type: 'answer', setup: 'passive', generation: 7 });
    expect(answer).toContain('\r\na=setup:passive\r\n');
    expect(answer.match(/ generation 7\r\n/g)).toHaveLength(5);
    expect(candidateLine(hostV4, 0, 3, ufrag)).toBe(
      `candidate:1 1 udp 2130706431 192.168.1.23 51234 typ host generation 3 ufrag ${ufrag}`,
    );
  });

  it('keeps the order of candidates as their priority', () => {
    const priorities = [...offer.matchAll(/ udp (\d+) /g)].map(([, priority]) => Number(priority));
    expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
  });

  it.each([
    ['a line break in ufrag', { ufrag: 'abcd\r\na=x' }],
    ['a line break in pwd', { pwd: `${pwd}\na=x` }],
    ['a short fingerprint', { fingerprint: fingerprint.slice(1) }],
    ['a line break in an address', { candidates: [{ ...hostV4, address: '1.2.3.4\r\na=x' }] }],
    ['a port that is text', { candidates: [{ ...hostV4, port: '5\r\na=x' as unknown as number }] }],
  ])('is never built from %s (K11)', (_what, wrong) => {
    expect(() => sdpFromFields({ ...fields, ...wrong }, { type: 'offer', setup: 'active' })).toThrow();
  });
});

describe('a description of another tool', () => {
  it.each([
    ['as JSON', JSON.stringify({ type: 'offer', sdp: offer }), 'invite'],
    ['as plain text', offer, 'invite'],
    ['as an answer', sdpFromFields(fields, { type: 'answer', setup: 'active' }), 'reply'],
    ['as JSON over several lines', JSON.stringify({ sdp: offer, type: 'answer' }, null, 2), 'reply'],
  ])('gives the same fixed fields %s', (_how, text, kind) => {
    const sessionId = fingerprint.slice(0, 8);
    expect(decodeCode(text)).toMatchObject({ ok: true, foreign: true, code: { ...fields, kind, sessionId } });
  });

  it.each([
    ['a call', offer.replace('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'm=audio 9 UDP/TLS/RTP/SAVPF 111')],
    ['a call beside the data', `${offer}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`],
    ['a picture beside the data', offer.replace('a=inactive', 'a=sendonly')],
    ['a picture of which nothing is said', offer.replace('a=inactive\r\n', '')],
    ['a picture that moves and does not', offer.replace('a=inactive', 'a=inactive\r\na=recvonly')],
    ['two data sections', `${offer}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n`],
    ['a picture alone', offer.slice(0, offer.indexOf('m=application'))],
    ['two fingerprints', offer.replace('a=setup', `a=fingerprint:sha-256 ${'AB:'.repeat(31)}AB\r\na=setup`)],
    ['a fingerprint of sha-1', offer.replace(/sha-256 .*/, `sha-1 ${'AB:'.repeat(19)}AB`)],
    ['a fingerprint of nothing', offer.replace(/sha-256 .*/, `sha-256 ${'00:'.repeat(31)}00`)],
    ['two passwords', `${offer}a=ice-pwd:${'y'.repeat(24)}\r\n`],
    ['no candidate that counts', offer.replace(/a=candidate.*\r\n/g, '')],
    ['TCP candidates only', offer.replaceAll(' 1 udp ', ' 1 tcp ')],
    ['no type', JSON.stringify({ type: 'rollback', sdp: offer })],
    ['broken JSON', '{"type":"offer","sdp":"v=0'],
    ['a number for its text', '{"type":"offer","sdp":5}'],
  ])('is refused with %s (K10, K11)', (_what, text) => {
    expect(decodeCode(text)).toMatchObject({ ok: false, fault: { code: 'code-foreign-sdp' } });
  });
});
