import { describe, expect, it } from 'vitest';
import { type CodeSituation, judgeCode } from '../../../shared/code/judge.ts';
import { sampleCode } from './sample-codes.ts';

const invite = sampleCode();
const reply = sampleCode({ kind: 'reply' });
const session = Buffer.from(invite.sessionId).toString('hex');
const fingerprint = Buffer.from(invite.fingerprint).toString('hex');
const none: ReadonlySet<string> = new Set();
const idle: CodeSituation = { mySessionIds: none, myFingerprints: none, usedSessionIds: none, expecting: 'any' };
const waiting = { ...idle, mySessionIds: new Set([session]) };

describe('a well-formed code', () => {
  it.each([
    ['a strange invite fits', invite, idle, undefined],
    ['the reply to my invite fits', reply, waiting, undefined],
    ['my own invite does not (K6)', invite, waiting, 'code-own'],
    ['my own certificate does not (K14)', reply, { ...waiting, myFingerprints: new Set([fingerprint]) }, 'code-own'],
    ['a reply to another invite does not (K7, K9)', reply, idle, 'code-other-invite'],
    ['a code taken before does not (K8)', reply, { ...waiting, usedSessionIds: new Set([session]) }, 'code-used'],
    ['a reply where an invite is needed does not (K5)', reply, { ...idle, expecting: 'invite' }, 'code-is-reply'],
    ['an invite where a reply is needed does not (K5)', invite, { ...idle, expecting: 'reply' }, 'code-is-invite'],
    ['an answer of another tool does not', reply, { ...idle, foreign: true }, 'code-foreign-sdp'],
  ] as const)('%s', (_rule, code, situation, fault) => {
    expect(judgeCode(code, situation)?.code).toBe(fault);
  });
});
