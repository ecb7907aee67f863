// A guest page that a Tincan served: where its reply goes, and where not.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { servedBy } from '../../../guest/served.ts';

const invite = 'TINCAN:ABC';
let posted: string[] = [];
let status = 204;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => {
    body += String(part);
  });
  request.on('end', () => {
    posted.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end();
  });
});

let href = '';
beforeEach(async () => {
  posted = [];
  status = 204;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  href = `http://127.0.0.1:${(server.address() as AddressInfo).port}/SECRET/#${invite}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const placeOf = (address: string) => servedBy(new URL(address));

it('finds its invite in its address, and posts the reply beside it', async () => {
  const served = placeOf(href);
  expect(served?.invite).toBe(invite);
  expect(await served?.deliver(invite, 'TINCAN:REPLY')).toBe(true);
  expect(posted).toEqual(['POST /SECRET/reply TINCAN:REPLY']);
});

it('posts no reply that is for somebody else', async () => {
  expect(await placeOf(href)?.deliver('TINCAN:OTHER', 'TINCAN:REPLY')).toBe(false);
  expect(posted).toEqual([]);
});

it.each([409, 302, 200])('leaves the reply to be carried by hand after an answer of %d', async (answer) => {
  status = answer;
  expect(await placeOf(href)?.deliver(invite, 'TINCAN:REPLY')).toBe(false);
  expect(posted).toEqual(['POST /SECRET/reply TINCAN:REPLY']);
});

it('leaves it to be carried by hand where nobody listens any more', async () => {
  const served = placeOf(href);
  await new Promise((resolve) => server.close(resolve));
  expect(await served?.deliver(invite, 'TINCAN:REPLY')).toBe(false);
});

it.each([
  'file:///home/a/tincan-guest.html#TINCAN:ABC',
  'https://example.org/#TINCAN:ABC',
  'http://10.0.0.1/',
  'http://10.0.0.1/#hello',
])('is not served at %s', (address) => {
  expect(placeOf(address)).toBeUndefined();
});
