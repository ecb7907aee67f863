// Addresses of servers as people write them, and the list as a file.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../shared/ipc/settings.ts';
import {
  readServerList,
  readServerUrl,
  type ServerEntry,
  serverListText,
  serverProblem,
  whyNotAdd,
} from '../../../shared/model/server-entry.ts';
import {
  serverListFileMaxBytes,
  serverSecretMaxChars,
  serversMax,
  serverUrlMaxChars,
} from '../../../shared/wire/limits.ts';

const login = { username: 'anna', credential: 'a good secret' };
const stun = (host: string): ServerEntry => ({ url: `stun:${host}` });

describe('the address of a server', () => {
  it.each([
    ['stun:stun.example.org', { scheme: 'stun', host: 'stun.example.org', port: 3478, over: 'udp' }],
    ['STUN:Stun.Example.org:19302', { scheme: 'stun', host: 'stun.example.org', port: 19_302, over: 'udp' }],
    ['stun:192.0.2.7:1', { scheme: 'stun', host: '192.0.2.7', port: 1, over: 'udp' }],
    ['stun:[2001:db8::7]:65535', { scheme: 'stun', host: '[2001:db8::7]', port: 65_535, over: 'udp' }],
    ['turn:relay.example.org', { scheme: 'turn', host: 'relay.example.org', port: 3478, over: 'udp' }],
    ['turn:relay:80?transport=tcp', { scheme: 'turn', host: 'relay', port: 80, over: 'tcp' }],
    ['turn:relay:443?transport=udp', { scheme: 'turn', host: 'relay', port: 443, over: 'udp' }],
    ['turns:relay.example.org', { scheme: 'turns', host: 'relay.example.org', port: 5349, over: 'tls' }],
    ['turns:relay:443?transport=tcp', { scheme: 'turns', host: 'relay', port: 443, over: 'tls' }],
  ] as const)('is read: %s', (url, parts) => {
    expect(readServerUrl(url)).toEqual(parts);
  });

  it.each([
    ['', 'not-an-address'],
    ['stun.example.org', 'not-an-address'],
    ['https://example.org', 'not-an-address'],
    ['stuns:example.org', 'not-an-address'],
    [' stun:example.org', 'not-an-address'],
    ['stun:', 'no-host'],
    ['stun://example.org', 'no-host'],
    ['turn::3478', 'no-host'],
    ['turn:anna@example.org', 'no-host'],
    ['stun:exa mple.org', 'no-host'],
    ['stun:-example.org', 'no-host'],
    ['stun:example..org', 'no-host'],
    ['stun:example.org\nstun:other.org', 'no-host'],
    ['stun:[2001:db8::zz]', 'no-host'],
    ['stun:[::1', 'no-host'],
    [`stun:${'a'.repeat(64)}`, 'no-host'],
    ['stun:example.org:', 'bad-port'],
    ['stun:example.org:0', 'bad-port'],
    ['stun:example.org:65536', 'bad-port'],
    ['stun:example.org:34 78', 'bad-port'],
    ['stun:example.org:+80', 'bad-port'],
    ['stun:2001:db8::7', 'bad-port'],
    ['stun:example.org/path', 'no-host'],
    ['stun:example.org:3478/path', 'bad-port'],
    ['stun:example.org?transport=udp', 'bad-transport'],
    ['turn:example.org?transport=sctp', 'bad-transport'],
    ['turn:example.org?transport=tcp&x=1', 'bad-transport'],
    ['turn:example.org?', 'bad-transport'],
  ] as const)('is refused with its reason: %j', (url, problem) => {
    expect(readServerUrl(url)).toBe(problem);
    expect(serverProblem({ url, ...login })).toBe(problem);
    expect(settingsSchema.shape.servers.safeParse([{ url, ...login }]).success).toBe(false);
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'stun:', 'turn:', 'turns:'), (text, scheme) => {
        readServerUrl(scheme + text);
      }),
    );
  });
});

describe('a server', () => {
  it.each([
    ['a relay without a user', { url: 'turn:example.org', credential: 'x' }, 'no-login'],
    ['a relay without a password', { url: 'turns:example.org', username: 'anna' }, 'no-login'],
    ['a relay with empty ones', { url: 'turn:example.org', username: '', credential: '' }, 'no-login'],
    ['an endless address', { url: `stun:a${'.a'.repeat(serverUrlMaxChars)}` }, 'too-long'],
    ['an endless user', { url: 'turn:a', ...login, username: 'a'.repeat(serverSecretMaxChars + 1) }, 'too-long'],
    ['an endless password', { url: 'turn:a', ...login, credential: 'a'.repeat(serverSecretMaxChars + 1) }, 'too-long'],
    ['one that is there', stun('here.example.org'), 'duplicate'],
    ['one that is there, spelled otherwise', { url: 'STUN:Here.Example.org:3478' }, 'duplicate'],
  ] as const)('is not added: %s', (_, entry, problem) => {
    expect(whyNotAdd(entry, [stun('here.example.org')])).toBe(problem);
  });

  it('is added beside another port or way of the same machine', () => {
    const held = [{ url: 'turn:relay.example.org', ...login }];
    expect(whyNotAdd({ url: 'turn:relay.example.org?transport=tcp', ...login }, held)).toBeUndefined();
    expect(whyNotAdd({ url: 'turn:relay.example.org:443', ...login }, held)).toBeUndefined();
    expect(whyNotAdd(stun('relay.example.org'), held)).toBeUndefined();
  });

  it('is one of so many at most', () => {
    const full = Array.from({ length: serversMax }, (_, at) => stun(`s${at}.example.org`));
    expect(whyNotAdd(stun('more.example.org'), full.slice(1))).toBeUndefined();
    expect(whyNotAdd(stun('more.example.org'), full)).toBe('too-many');
    expect(settingsSchema.shape.servers.safeParse(full).success).toBe(true);
    expect(settingsSchema.shape.servers.safeParse([...full, stun('more.example.org')]).success).toBe(false);
  });
});

const word = fc
  .string({ minLength: 1, maxLength: serverSecretMaxChars, unit: 'grapheme' })
  .filter((text) => text.length <= serverSecretMaxChars);
const anyServer: fc.Arbitrary<ServerEntry> = fc.oneof(
  fc.domain().map((host) => ({ url: `stun:${host}` })),
  fc
    .record({ host: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }), username: word, credential: word })
    .map(({ host, port, ...rest }) => ({ url: `turn:${host}:${port}?transport=tcp`, ...rest })),
);

describe('the list as a file', () => {
  it('is imported as it was exported', () => {
    const list = fc.uniqueArray(anyServer, { minLength: 1, maxLength: serversMax, selector: ({ url }) => url });
    fc.assert(
      fc.property(list, (servers) => {
        fc.pre(servers.every(({ url }) => typeof readServerUrl(url) !== 'string'));
        expect(readServerList(serverListText(servers))).toEqual({ ok: true, servers });
      }),
    );
  });

  it('fits its bound when it is as long as it can be', () => {
    const long = String.fromCharCode(1).repeat(serverSecretMaxChars);
    const servers = Array.from({ length: serversMax }, (_, at) => ({
      url: `turn:${Array.from({ length: 5 }, () => 'a'.repeat(48)).join('.')}:${10_000 + at}?transport=tcp`,
      username: long,
      credential: long,
    }));
    const text = serverListText(servers);
    expect(text.length).toBeLessThan(serverListFileMaxBytes);
    expect(readServerList(text)).toEqual({ ok: true, servers });
  });

  it('may be what relay providers hand out', () => {
    const text = JSON.stringify({
      iceServers: [{ urls: ['stun:a.example.org', 'turn:a.example.org?transport=tcp'], ...login }, { urls: 'stun:b' }],
    });
    expect(readServerList(text)).toEqual({
      ok: true,
      servers: [
        { url: 'stun:a.example.org', ...login },
        { url: 'turn:a.example.org?transport=tcp', ...login },
        { url: 'stun:b' },
      ],
    });
  });

  const file = (...entries: unknown[]) => JSON.stringify({ iceServers: entries });
  it.each([
    ['too large', ' '.repeat(serverListFileMaxBytes + 1), { is: 'too-large' }],
    ['no JSON', 'stun:a.example.org', { is: 'not-json' }],
    ['a bare list', '["stun:a"]', { is: 'not-a-list' }],
    ['null', 'null', { is: 'not-a-list' }],
    ['more than servers', '{"iceServers":[],"iceTransportPolicy":"relay"}', { is: 'not-a-list' }],
    ['an entry without urls', file({ url: 'stun:a' }), { is: 'not-a-list' }],
    ['a number for a password', file({ urls: 'turn:a', username: 'a', credential: 1 }), { is: 'not-a-list' }],
    ['thousands of entries', file(...Array.from({ length: 1000 }, () => ({ urls: 'stun:a' }))), { is: 'not-a-list' }],
    ['nothing in it', file(), { is: 'empty' }],
    [
      'a second entry that is none',
      file({ urls: 'stun:a' }, { urls: 'http://b' }),
      {
        is: 'not-an-address',
        entry: 2,
        url: 'http://b',
      },
    ],
    ['the same twice', file({ urls: ['stun:a', 'stun:A:3478'] }), { is: 'duplicate', entry: 2, url: 'stun:A:3478' }],
    ['a relay without a login', file({ urls: 'turn:a' }), { is: 'no-login', entry: 1, url: 'turn:a' }],
    [
      'one more than fit',
      file(...Array.from({ length: serversMax + 1 }, (_, at) => ({ urls: `stun:s${at}` }))),
      { is: 'too-many', entry: serversMax + 1, url: `stun:s${serversMax}` },
    ],
  ])('is refused whole when there is %s', (_, text, problem) => {
    expect(readServerList(text)).toEqual({ ok: false, problem });
  });

  it('never throws, whatever the file is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((inner) => `{"iceServers":${inner}}`),
        ),
        (text) => {
          readServerList(text);
        },
      ),
    );
  });
});
